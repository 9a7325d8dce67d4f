"""Whether what runs is our image: by digest, for a registry's name may be rewritten on its way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tidegate.delivery.trouble import TERMINATING_POD, unready
from tidegate.domain.application import Pod
from tidegate.domain.image import name_of
from tidegate.domain.live import Goal, Live, LiveState, Look, Observation

_SHOWN = 3
_LEAVING = (TERMINATING_POD, "Evicted")
_ENDED = ("Completed", "Succeeded")


def is_ours(image: str, goal: Goal) -> bool:
    """Whether an image of a container is the one that is waited for."""
    return image.endswith(f"@{goal.digest}")


def names_of(images: Iterable[str], goal: Goal) -> frozenset[str]:
    """The names that it runs under: a mirror's may have taken the place of the registry's."""
    return frozenset({goal.image, *(name_of(image) for image in images if is_ours(image, goal))})


def is_rival(image: str, goal: Goal, names: frozenset[str]) -> bool:
    """Whether it is another version of it: one of its names, another digest, or none."""
    return not is_ours(image, goal) and name_of(image) in names


def judge_images(seen: Observation) -> LiveState | None:
    """None where all that runs of our image is ours, or where nothing has to run; else how far
    the rollout is."""
    images, goal = seen.application.images, seen.goal
    ours = any(is_ours(image, goal) for image in images)
    names = names_of(images, goal)
    rivals = [image for image in images if is_rival(image, goal, names)]
    if ours and (not rivals or _are_leaving(seen.pods, goal, names)):
        return None
    if not ours and not rivals and seen.standing.idle:
        return None
    running = count_running(seen.pods, goal, names)
    details = unready(seen.application, seen.pods)
    if ours or rivals:
        reason = "the rollout is under way"
        if running:
            reason += f": {running[0]} of {running[1]} pods run it"
        if not _lacks_ours(seen.pods, goal):
            return _rolling(reason, details, running, Look.PODS)
        details = (*details, *seen.standing.refused)
        # What Argo CD shows of managed objects is from when it last compared them.
        return _rolling(reason, details, running, Look.PODS, Look.REFRESH, Look.MANAGED)
    others = f"; what runs is {', '.join(images[:_SHOWN])}" if images else ""
    details = (*details, *seen.standing.refused)
    return _rolling(f"no pod runs it{others}", details, running, Look.PODS, Look.MANAGED)


def count_running(
    pods: Sequence[Pod] | None, goal: Goal, names: frozenset[str]
) -> tuple[int, int] | None:
    """How many pods run our image and are ready, of all that run any version of it; those that
    are being deleted, or are over, don't count."""
    if pods is None:
        return None
    stay = [pod for pod in pods if not _is_leaving(pod)]
    known = [pod for pod in stay if _any(pod.images, goal, names)]
    ready = [
        pod
        for pod in known
        if all(not is_rival(image, goal, names) for image in pod.images) and _is_ready(pod)
    ]
    return (len(ready), len(known)) if known else None


def _lacks_ours(pods: Sequence[Pod] | None, goal: Goal) -> bool:
    """Where no pod of ours was made, whatever should have made it may say why."""
    return pods is not None and not any(is_ours(i, goal) for pod in pods for i in pod.images)


def _is_ready(pod: Pod) -> bool:
    return pod.containers is None or pod.ready == pod.containers


def _are_leaving(pods: Sequence[Pod] | None, goal: Goal, names: frozenset[str]) -> bool:
    """Whether each pod of another version is being deleted already, or is over."""
    if not pods:
        return False
    rivals = [pod for pod in pods if any(is_rival(image, goal, names) for image in pod.images)]
    return bool(rivals) and all(map(_is_leaving, rivals))


def _is_leaving(pod: Pod) -> bool:
    """A Job's pod stays after it has ended, and one that was evicted until somebody deletes it. A
    server's container that shows as Completed is about to be started again."""
    of_job = pod.owner is not None and (pod.owner.group, pod.owner.kind) == ("batch", "Job")
    return pod.reason in _LEAVING or (of_job and pod.reason in _ENDED)


def _any(images: Iterable[str], goal: Goal, names: frozenset[str]) -> bool:
    return any(is_ours(image, goal) or is_rival(image, goal, names) for image in images)


def _rolling(
    reason: str, details: tuple[str, ...], running: tuple[int, int] | None, *wants: Look
) -> LiveState:
    return LiveState(Live.WAITING, reason, details=details, running=running, wants=frozenset(wants))
