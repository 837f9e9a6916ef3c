#!/usr/bin/env bash
# Made the pictures here with the command of the version whose records have format 1. Run in this folder:
#   ./make.sh PATH/TO/controlnet
# They are kept as they are: a newer version must go on reading them. states.safetensors, which is not kept, held
# [77, 64] numbers in prompt_embeds and negative_prompt_embeds.
set -e
controlnet=$1

make() {
  name=$1
  shift
  "$controlnet" generate --output made "$@"
  for file in made/*-*.png; do
    mv "$file" "$name${file##*-}" # the index in the batch and the ending
  done
  rmdir made
}

make control --control-image photo.png --annotator-option low=60 --control-schedule 1..0.3 --control-start 0.1 \
  --control-end 0.9 --control-mode control --prompt "a bird 猫" --added-prompt best --negative-prompt bad \
  --images 2 --seed 7 --sampler euler_ancestral --steps 3 --image-resolution 64
rm control0.png
make weighted --prompt "(a bird:1.2) [low:high:0.5]" --prompt-syntax weighted --clip-skip 2 --sampler dpmpp_2m_karras \
  --guidance-schedule 9..3 --guidance-rescale 0.7 --guidance-start 0.1 --guidance-end 0.9 --pag-scale 1.5 \
  --seed 1,22 --steps 4 --timestep-spacing trailing --prediction-type epsilon --image-resolution 64
rm weighted1.png
make guess --control-image photo.png --guess-mode --guess-weights diffusers --only-mid-control --eta 0.5 --seed 3 \
  --zero-terminal-snr --control-weights 1,0.9,1,1,0.5 --steps 2 --width 64 --height 64
make init --base mini --init-image photo.png --strength 0.6 --prompt "a bird" --seed 5 --sampler unipc --steps 5
make inpaint --control-image photo.png --init-image photo.png --mask mask.png --mask-blur 2 --only-masked --padding 4 \
  --inpaint-fill fill --control-mask mask.png --prompt "a bird" --seed 5 --steps 2 --image-resolution 64
make holes --control-image photo.png --annotator none --control-inpaint-mask mask.png --resize-mode crop \
  --prompt "a bird" --seed 6 --steps 2 --width 64 --height 64
make two --control mini-canny --control mini-segmentation --control-image photo.png --control-image photo.png \
  --annotator canny,none --control-scale 0.5,1.25 --detect-resolution 128 --prompt "a bird" --seed 8 --steps 2 \
  --width 64 --height 64
make states --prompt-embeddings states.safetensors --control-image photo.png --seed 9 --steps 2 --image-resolution 64 \
  --dtype bfloat16 --vae-tiling --threads 1
