"""Shows that a client of Stable Diffusion web UI works unchanged with `./controlnet serve`.

The client is webuiapi of PyPI, which nobody here wrote:

    pip install webuiapi==0.9.17
    ./controlnet serve --port 7860
    python webui_client_check.py 7860

Prints what it did; ends with an AssertionError where something is not as it should be.
"""

import sys
import threading
import time

import webuiapi
from PIL import Image, ImageDraw


def circle(size=256):
    image = Image.new("RGB", (size, size), "white")
    ImageDraw.Draw(image).ellipse((size // 4, size // 4, 3 * size // 4, 3 * size // 4), outline="black", width=6)
    return image


def main(port, key=None):
    api = webuiapi.WebUIApi(port=port, sampler="Euler a", steps=3, username="any" if key else None, password=key)
    models = api.util_get_model_names()
    print("models", models, "current", api.util_get_current_model())
    print("samplers", api.util_get_sampler_names())
    assert "Euler a" in api.util_get_sampler_names()
    print("schedulers", api.util_get_scheduler_names())
    print("controlnet", api.controlnet_version(), api.controlnet_model_list(), api.controlnet_module_list())
    api.util_set_model(models[0])
    api.util_wait_for_ready(check_interval=0.2)

    size = dict(width=128, height=128)
    result = api.txt2img(prompt="a red circle", negative_prompt="blurry", seed=5, cfg_scale=6, batch_size=2, **size)
    assert len(result.images) == 2 and result.image.size == (128, 128)
    assert result.info["all_seeds"] == [5, 6], result.info
    print("txt2img", result.info["infotexts"][1].splitlines()[-1])

    info = api.png_info(result.image)
    assert info.info.startswith("a red circle"), info.info

    unit = webuiapi.ControlNetUnit(
        image=circle(), module="canny", model=api.controlnet_model_list()[0], weight=0.9, threshold_a=100,
        threshold_b=200, processor_res=128, guidance_end=0.8, control_mode=2)
    controlled = api.txt2img(prompt="a red circle", seed=5, controlnet_units=[unit], **size)
    assert len(controlled.images) == 2, "the picture, then its map"
    assert "Module: canny" in controlled.info["infotexts"][0]
    plain = api.txt2img(prompt="a red circle", seed=5, **size)
    assert plain.image.tobytes() != controlled.image.tobytes(), "the control must act"

    again = api.img2img(images=[plain.image], prompt="a blue circle", seed=6, denoising_strength=0.6,
                        controlnet_units=[unit], **size)
    assert again.image.size == (128, 128) and "Denoising strength: 0.6" in again.info["infotexts"][0]
    mask = Image.new("L", (128, 128), 0)
    ImageDraw.Draw(mask).rectangle((32, 32, 96, 96), fill=255)
    painted = api.img2img(images=[plain.image], mask_image=mask, prompt="a square", seed=6, mask_blur=2,
                          inpaint_full_res=False, **size)
    assert painted.image.getpixel((2, 2)) == plain.image.getpixel((2, 2)), "outside the mask nothing changes"

    detected = api.controlnet_detect(images=[circle()], module="canny", processor_res=128,
                                     threshold_a=100, threshold_b=200)
    assert detected.image.size == (128, 128) and detected.image.convert("L").getextrema() == (0, 255)

    outcome = {}
    worker = threading.Thread(target=lambda: outcome.update(result=api.txt2img(prompt="long", steps=90, **size)))
    worker.start()
    seen = 0
    while worker.is_alive() and seen < 2:
        progress = api.get_progress()
        seen += progress["progress"] > 0
        time.sleep(0.02)
    api.interrupt()
    worker.join()
    print("interrupted after", progress["state"]["sampling_step"], "steps:", len(outcome["result"].images), "images")
    print("all as it should be")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7860, sys.argv[2] if len(sys.argv) > 2 else None)
