"""Images: from mirror folders where the settings name one, from the registries themselves
otherwise. `Images` is the whole of it (`ports.ImageRegistry`)."""

from tidegate.adapters.oci.images import Images

__all__ = ["Images"]
