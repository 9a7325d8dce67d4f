"""Reports of every kind, with whatever text comes from outside."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

from tests.support.evidence import APP, CANDIDATE, DIGEST, NOW, release
from tests.support.waivers import waiver

from tidegate.delivery.agreement import disagreements
from tidegate.domain.application import ApplicationName
from tidegate.domain.arrival import Arrival, ArrivalReport
from tidegate.domain.audit import AuditEntry, AuditReport, AuditScope, Deed, GateRecord
from tidegate.domain.block import Block
from tidegate.domain.catalogue import (
    Catalogue,
    Entry,
    Example,
    ExamplesReport,
    Expected,
    InForce,
    Mismatch,
    RuleSheet,
    Tuning,
)
from tidegate.domain.custom_kind import DefinedVersion, Definition
from tidegate.domain.delivery_report import DeliveryReport
from tidegate.domain.diagnosis import Diagnosis, Finding, Health
from tidegate.domain.difference import Change as Alteration
from tidegate.domain.difference import DiffReport, FieldChange, ObjectChange
from tidegate.domain.draft import Draft
from tidegate.domain.ending import Ending, Written
from tidegate.domain.evidence import Candidate
from tidegate.domain.gate import GateResult, Status, Verdict
from tidegate.domain.history import Change, History
from tidegate.domain.hold import Hold
from tidegate.domain.holding import HoldReport, Place
from tidegate.domain.live import Goal, Lineage, Live, LiveState, Relation
from tidegate.domain.live_difference import ClusterDifference, LiveDiffReport
from tidegate.domain.location import Location
from tidegate.domain.manifest import Manifest, ObjectId
from tidegate.domain.merging import Approved, MergeReport
from tidegate.domain.promotion import (
    AppReport,
    Outcome,
    Plan,
    Promotion,
    PromotionReport,
    Receipt,
)
from tidegate.domain.proposed import Action, ProposalReport, Proposed
from tidegate.domain.pull_request import PullRequest, PullRequestState, User
from tidegate.domain.reconciliation import Disagreement, Reconciliation
from tidegate.domain.reconciliation import Place as Where
from tidegate.domain.release import OverlayState
from tidegate.domain.rescan import Rescanned, RescannedEnvironment, RescanReport
from tidegate.domain.rollback import Rollback, RollbackReport
from tidegate.domain.schema_catalogue import (
    Addition,
    AdditionReport,
    KnownVersion,
    SchemaCatalogue,
    Usage,
)
from tidegate.domain.schema_catalogue import Outcome as Added
from tidegate.domain.standing import Alias, Running, Sighting, Standing, StatusReport
from tidegate.domain.sync import Aim, AppEnding, ClusterEnding, SyncReport
from tidegate.domain.verification import Objection, Proven, VerifyReport
from tidegate.domain.waiver import Waiver
from tidegate.errors import (
    ConfigurationError,
    ConflictError,
    InputError,
    NotFound,
    Problem,
    TidegateError,
    ToolFailed,
)

REVISION = "0123456789abcdef0123456789abcdef01234567"
HOSTILE = [
    "plain",
    "a | b \\| c \\\\| d | --- |",
    "`a` ``b`` |` code",
    "<script>alert(1)</script> <img src=x onerror=y> <!-- --> </td></table></details> &lt;",
    "[link](https://evil.example.com) ![image](https://evil.example.com/x.png) [a]: b",
    "https://evil.example.com www.evil.example.com _https://evil.example.com mailto:a@b.cd a@b.cd",
    "@everyone @org/team #1 shop/shop#2 GH-3 shop@0123456 @-x",
    "# heading\n\n## another\n---\n===\n* item\n1. item\n> quote\n```\nfence\n```\n~~~",
    "**bold** __bold__ *it* _it_ ~~gone~~ $x$ $$y$$ :tada:",
    "\x1b[31mred\x1b[0m \x07 \u202egnp.exe \u200b \ufeff \x00 \r\n\t",
    "[bold red]markup[/] [link=https://evil.example.com]x[/link] \\[x]",
    "é 模型 🚢 " + "x" * 3000,
    "\\",
    "|",
    "$(rm -rf /) ../../etc/passwd 'quoted' \"quoted\"",
]


def hostile(text: str, **fields: Any) -> Waiver:
    """A waiver with that text wherever there can be any."""
    return waiver(
        **{"id": text, "name": text, "reason": text, "approved_by": text, "ticket": text,
           "versions": (text,), "where": Location(text, 1, 1)}
        | fields
    )  # fmt: skip


def verdict(text: str) -> Verdict:
    return Verdict(
        (
            GateResult(f"threshold:{text}", Status.PASSED, text, 0.5, 0.4),
            GateResult("scan", Status.FAILED, text, "HIGH", "LOW", (text, text)),
            GateResult("render", Status.ERRORED, text, details=(text,)),
            GateResult("champion:auc", Status.SKIPPED, text, 3, None),
            GateResult("order", Status.WAIVED, text, details=(text,), waivers=(hostile(text),)),
        )
    )


def promotion(text: str, *, committed: bool = True) -> PromotionReport:
    """Every outcome at once."""
    version = replace(CANDIDATE.version, model=text)
    candidate = Candidate(version, CANDIDATE.image, (text,))
    errors: tuple[TidegateError, ...] = (
        NotFound(text, hint=text),
        ToolFailed(f"{text}\n{text}", output=text),
        ConfigurationError([Problem("a.yaml", 1, 2, text, text, text, text)]),
    )
    apps = [
        AppReport("app", outcome, candidate, release(model=text), verdict(text), note=text)
        for outcome in Outcome
    ]
    apps += [AppReport("broken", Outcome.ERROR, error=error) for error in errors]
    apps.append(AppReport("lost", Outcome.CONFLICT, error=ConflictError(text, hint=text)))
    made = Promotion("app", "prod", candidate, None, verdict(text), release(), DIGEST, {})
    diff = f"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+{text}\n+```\n+````\n"
    plan = Plan((made,), f"promote(prod): app → 2\n\nReason: {text}\n")
    receipt = Receipt(REVISION, "origin", "main") if committed else None
    return PromotionReport("prod", REVISION, tuple(apps), receipt, plan, diff)


def unpushed(text: str) -> PromotionReport:
    """Everything passed, and then the push was refused."""
    refused = ToolFailed(f"{text}\n{text}", output=text, hint=text)
    made = replace(promotion(text), receipt=None, plan=None, diff="")
    return replace(made, apps=made.apps[2:3], error=refused)


def history(text: str) -> History:
    change = Change(
        "app", text, REVISION, NOW, text, text, text, release(model=text), "1", False, text
    )
    there = NOW.astimezone(timezone(timedelta(hours=9, minutes=30)))
    by_hand = replace(change, by_hand=True, release=None, before=None, when=there)
    return History("app", REVISION, (change, by_hand, replace(by_hand, before="1", note="")))


def way_back(text: str) -> History:
    """A rollback from whatever ran."""
    (change, *_) = history(text).changes
    return History("app", REVISION, (replace(change, rolled_back_from=text),))


def status(text: str) -> StatusReport:
    holds = (
        Hold(text, text, None, True),
        Hold(text, text, NOW + timedelta(hours=1), False),
        Hold(text, text, NOW, False),
    )
    overlay = OverlayState("registry.example.com/x", None, None, text)
    known = Standing(
        "app", "prod", release(), overlay, NOW, text, text, REVISION, holds, (text,), None,
        (hostile(text), hostile(text, expires=NOW), hostile("2"), hostile("3"), hostile("4")),
    )  # fmt: skip
    broken = Standing("app", "dev", None, None, None, None, None, None, (), (), text)
    known = replace(known, blocks=(block(text), block(text, digest=DIGEST)))
    running = (Running(text, DIGEST), Running(None, text), Running(None, None))
    name = ApplicationName("app-prod", "prod")
    sightings = (
        Sighting(name, text, text, text, text, text, running),
        Sighting(name, "https://one", REVISION, "Synced", "Healthy", "Succeeded", running[:1]),
    )
    seen = replace(known, alias=Alias("app-prod", text), sightings=sightings)
    seen = replace(seen, disagreements=(text, *disagreements(seen)))
    nowhere = replace(known, alias=Alias("app-prod", None), sightings=())
    standings = (broken, known, seen, nowhere)
    return StatusReport(REVISION, NOW, ("dev", "prod"), standings, unknown=(text,))


def block(text: str, **more: Any) -> Block:
    """A block with that text wherever there can be any."""
    return Block(text, text, **{"digest": None, "by": text, "reason": text, "since": NOW} | more)


def written(text: str, *, committed: bool = True) -> Written:
    """What a verb that writes did, or would do."""
    diff = f"diff --git a/x b/x\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-old {text}\n"
    draft = Draft(REVISION, {"x": None}, f"rollback(prod): app 2 → 1\n\nReason: {text}\n")
    return Written(REVISION, draft, diff, Receipt(REVISION, "origin", text) if committed else None)


def refused(text: str) -> Written:
    """It was decided, and then the push was refused."""
    return replace(written(text, committed=False), error=ToolFailed(text, hint=text))


def offered(text: str) -> Written:
    """It goes by pull request, and one that it supersedes couldn't be closed."""
    return replace(written(text, committed=False), proposals=proposal(text).proposals)


def holds(text: str, verb: str = "hold", end: Written | None = None) -> HoldReport:
    """Every ending at once."""
    old, new = Hold(text, text, NOW, False), Hold(text, text, None, True)
    lifted = (block(text), block(text, digest=DIGEST))
    places = [Place("app", ending, old, new, True, lifted) for ending in Ending]
    places.append(Place(None, Ending.CONFLICT, error=ConflictError(text, hint=text)))
    return HoldReport(verb, "prod", tuple(places), end or written(text))


def rollback(text: str, end: Written | None = None) -> RollbackReport:
    """Every ending at once."""
    before = OverlayState(text, text, DIGEST, text)
    full = Rollback(
        "app", Ending.DONE, before, release(model=text), REVISION, block(text, digest=DIGEST),
        Hold(text, text, None, False), (text, text), (text, text),
    )  # fmt: skip
    apps = [replace(full, ending=ending) for ending in Ending]
    same = OverlayState(text, None, None, full.after.version if full.after else None)
    apps += [replace(full, before=same), replace(full, before=None)]
    apps.append(Rollback("app", Ending.ERROR, error=InputError(text, hint=text)))
    return RollbackReport("prod", tuple(apps), end or written(text))


def followed_back(text: str) -> RollbackReport:
    """A rollback that was followed into the cluster, until nothing more could be seen."""
    failure = InputError(text, hint=text)
    return replace(rollback(text), sync=sync(text), unseen=failure)


def difference(text: str) -> DiffReport:
    """One object of each kind of change, with this text everywhere."""
    identity = ObjectId(text, text, text, text)
    fields = (
        FieldChange(text, Alteration.CHANGED, text, {text: [text, None]}),
        FieldChange(text, Alteration.ADDED, None, 1),
        FieldChange(text, Alteration.REMOVED, "", None),
    )
    objects = (
        ObjectChange(identity, Alteration.CHANGED, fields),
        ObjectChange(identity, Alteration.ADDED),
        ObjectChange(identity, Alteration.REMOVED),
    )
    return DiffReport(text, text, REVISION, objects, 2)


def live_difference(text: str) -> LiveDiffReport:
    """One cluster with fields, one with objects alone."""
    found, name = difference(text), ApplicationName("app-prod", "prod")
    compared = ClusterDifference(name, text, text, found.objects, 2, notes=(text,))
    same = ClusterDifference(name, "", REVISION, (), 3, compared=False)
    return LiveDiffReport("app", "prod", REVISION, (compared, same))


def catalogue(text: str) -> Catalogue:
    severities = {"dev": "Audit", "staging": "Warn", "prod": "Deny"}
    entries = (
        Entry(text, text, severities, text),
        Entry("elsewhere", "network", {"prod": "Deny"}, text, across=True),
    )
    return Catalogue(("dev", "staging", "prod"), entries)


def rule(text: str, *, across: bool = False) -> RuleSheet:
    entry = Entry(text, text, {"prod": "Deny"}, text, across)
    if across:
        return RuleSheet(entry, text, text, settings=(Tuning(text, text, text),))
    where = Location(f"policies/{text}/policy.yaml", 4, 3)
    manifest = Manifest(ObjectId("v1", "Pod", text, text), {})
    shown = [Example(manifest, expected, text, where, text) for expected in Expected]
    force = (InForce(text, text, ("Deny",), text), InForce(text, text, ("Warn",), None))
    return RuleSheet(entry, text, text, where, ((text, text),), force, tuple(shown))


def examples(text: str, *, holds: bool = False) -> ExamplesReport:
    wrong = (Mismatch(text, Location(text, 1, 1), text), Mismatch("a", Location("b"), text))
    return ExamplesReport(2, 7, () if holds else wrong)


def diagnosis(text: str) -> Diagnosis:
    return Diagnosis(tuple(Finding("tool", health, text, text) for health in Health))


def sync(text: str) -> SyncReport:
    """An app that is live, one that isn't, and one that was overtaken."""
    aim = Aim(APP, text, text, Goal(text, text, DIGEST))
    name = ApplicationName(text, text)
    states = [
        LiveState(Live.LIVE, text),
        LiveState(Live.TIMED_OUT, text, (text,), running=(3, 5)),
        LiveState(Live.SUPERSEDED, text, successor=Lineage(text, Relation.OTHER, text, text, text)),
    ]
    endings = tuple(
        AppEnding(aim, s, (ClusterEnding(name, text, text, s),) * 2, 1.25, (text,)) for s in states
    )
    return SyncReport(text, text, endings, warnings=(text,))


def delivery(text: str) -> DeliveryReport:
    """A promotion that was followed, and taken back."""
    return DeliveryReport(promotion(text), sync(text), rollback(text), NotFound(text))


def proposal(text: str) -> ProposalReport:
    """One that was opened, one that would be, and one that failed."""
    verdicts = promotion(text)
    there = PullRequest(
        7, text, PullRequestState.OPEN, text, text, text, text, REVISION, User(text), labels=(text,)
    )
    return ProposalReport(
        verdicts,
        (
            Proposed((text,), text, Action.OPENED, there, note=text),
            Proposed(
                (text,), text, Action.PLANNED, None, Draft(REVISION, {}, text), text, text, text
            ),
            Proposed((text,), text, Action.FAILED, there, error=NotFound(text, hint=text)),
        ),
    )


def merging(text: str) -> MergeReport:
    """One that everything speaks against."""
    there = PullRequest(
        7, text, PullRequestState.OPEN, text, text, text, text, REVISION, User(text)
    )
    approved = Approved(text, text, GateResult("approval", Status.FAILED, text))
    return MergeReport(there, verification(text), (approved,), (text,), error=NotFound(text))


def arrivals(text: str, since: str | None = REVISION) -> ArrivalReport:
    """One that was taken back, and one that wasn't followed."""
    first = Arrival(text, (text,), sync(text), rollback(text))
    return ArrivalReport(since, REVISION, (first, Arrival(text, (text,), error=NotFound(text))))


def reconciliation(text: str) -> Reconciliation:
    """An alias that was moved, and a cluster that differs."""
    alias = Disagreement(text, text, Where.ALIAS, text, text, text, fixed=True)
    cluster = Disagreement(text, text, Where.CLUSTER, None, None, text)
    return Reconciliation(REVISION, 3, (alias, cluster), (text,))


def rescan(text: str) -> RescanReport:
    """One of each answer, a waiver that ends, and what can't be read."""
    scanned = [
        Rescanned(
            *(text, text, text, release().image),
            GateResult("scan", status, text, details=(text,)),
            {"HIGH": 2},
            text,
        )
        for status in Status
    ]
    item = RescannedEnvironment(
        text, tuple(scanned), (text,), (text,), (hostile(text),), "https://git.example/1", text
    )
    return RescanReport(REVISION, (item, RescannedEnvironment(text, ())))


def verification(text: str) -> VerifyReport:
    """A promotion and a hold that are proven, objections with a place and without, and files of
    everybody."""
    objections = (
        Objection(text, text, 7, text, text, text),
        Objection(text, outside=True),
    )
    verdict = Verdict((GateResult(text, Status.PASSED, text),))
    proven = (
        Proven(Deed.PROMOTED, text, text, text, release(), verdict),
        Proven(Deed.HELD, text, None),
    )
    owned = {text: "what is asked"}
    return VerifyReport(REVISION, REVISION, 2, proven, objections, (text, "other"), owned)


def audit(text: str) -> AuditReport:
    """A promotion that is proven, a hand's edit, and a change of what decides."""
    common: dict[str, Any] = {
        "author": text,
        "requested_by": text,
        "approved_by": (text,),
        "reason": text,
    }
    entries = (
        AuditEntry(
            **common,
            pull_request=text,
            deed=Deed.PROMOTED,
            when=NOW,
            revision=REVISION,
            app=text,
            environment=text,
            before=text,
            release=release(),
            evidence=text,
            gates=(GateRecord(text, text, (text,)), GateRecord(text, text)),
            proven=True,
            paths=(text,),
        ),
        AuditEntry(
            **common,
            deed=Deed.EDITED,
            when=NOW,
            revision=REVISION,
            app=text,
            environment=text,
            remarks=(text, text),
            paths=(text,) * 9,
        ),
        AuditEntry(Deed.SETTINGS, NOW, REVISION, text, paths=(text,) * 9),
    )
    return AuditReport(REVISION, AuditScope(since=NOW), entries)


def definition(text: str) -> Definition:
    """A definition with a version of each sort."""
    versions = (DefinedVersion(text, True, True), DefinedVersion(text, False, False))
    return Definition(text, text, text, "Namespaced", versions, Location(text, 3, 1))


def schemas(text: str) -> SchemaCatalogue:
    """A catalogue with everything in it."""
    kind = (text, text)
    known = KnownVersion("1.33", (kind,), (text,))
    return SchemaCatalogue(("1.33",), (known,), ((definition(text), 2),), (Usage(kind, (text,)),))


def definitions(text: str) -> AdditionReport:
    """A definition of each outcome."""
    found = definition(text)
    additions = (
        Addition(found, text, Added.ADDED),
        Addition(found, text, Added.REPLACED, found),
        Addition(found, text, Added.UNCHANGED),
    )
    return AdditionReport(additions, 3, dry_run=False)
