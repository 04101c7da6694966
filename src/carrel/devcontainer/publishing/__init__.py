"""Packing and publishing of features and templates.

packed = pack_folder("feature", Path("src"))
async with RegistryClient(settings) as registry:
print((await publish(packed, "ghcr.io", "owner/features", registry)).as_json())
"""

from carrel.devcontainer.publishing.folders import pack_folder
from carrel.devcontainer.publishing.packing import Package, PackedCollection, pack, pack_collection
from carrel.devcontainer.publishing.publish import Publication, publish

__all__ = ["Package", "PackedCollection", "Publication", "pack", "pack_collection", "pack_folder", "publish"]
