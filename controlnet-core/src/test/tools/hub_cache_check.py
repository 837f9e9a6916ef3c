"""Checks that Python's huggingface_hub finds what `controlnet download` fetched, without network.

usage: HF_HUB_OFFLINE=1 python hub_cache_check.py CACHE REPOSITORY FILE...
"""

import os
import sys

from huggingface_hub import hf_hub_download, try_to_load_from_cache

cache, repository, *files = sys.argv[1:]
cache = os.path.abspath(cache)
assert os.environ.get("HF_HUB_OFFLINE") == "1", "set HF_HUB_OFFLINE=1"
assert files, "name at least one file"
for name in files:
    found = try_to_load_from_cache(repository, name, cache_dir=cache)
    assert isinstance(found, str) and os.path.isfile(found), f"{name}: {found}"
    assert hf_hub_download(repository, name, cache_dir=cache) == found
    print(found)
