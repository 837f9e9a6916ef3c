"""Makes the bundled demonstration: a photograph, a tiny base and its control with random weights.

    python make_demo_model.py coffee.png

coffee.png is the one in scikit-image's data folder. Needs what controlnet-core/src/test/tools/requirements.txt
names.
"""

import shutil
import sys
from pathlib import Path

import torch
from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[4] / "controlnet-core" / "src" / "test" / "tools"))
import tiny  # noqa: E402

OUT = HERE.parents[1] / "main" / "resources" / "io" / "github" / "controlnet" / "demo"

torch.set_num_threads(1)
torch.set_grad_enabled(False)
for name in ("base", "control"):
    shutil.rmtree(OUT / name, ignore_errors=True)

tokenizer = tiny.write_tokenizer(OUT / "base" / "tokenizer", 400)
unet = tiny.unet(channels=(16, 32, 32, 32), blocks=1, heads=4, groups=8, context=32, sample_size=32, seed=301)
vae = tiny.vae(channels=(16, 16, 32, 32), blocks=1, groups=8, sample_size=256, seed=302)
text = tiny.text_encoder(tokenizer, width=32, layers=2, heads=2, seed=303)
control = tiny.control(unet, (16, 16, 32, 64), seed=304)
tiny.save_base(OUT / "base", unet.half(), vae.half(), text.half())
control.half().save_pretrained(OUT / "control")

Image.open(sys.argv[1]).convert("RGB").save(OUT / "photograph.jpg", quality=90, optimize=True)

files = sorted(p.relative_to(OUT).as_posix() for p in OUT.rglob("*") if p.is_file() and p.name not in ("index.txt", "README.md"))
(OUT / "index.txt").write_text("".join(f"{(OUT / f).stat().st_size} {f}\n" for f in files), encoding="ascii")
for f in files:
    (OUT / f).chmod(0o644)
    print((OUT / f).stat().st_size, f)
