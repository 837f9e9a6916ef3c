package io.github.controlnet.core.weights;

import io.github.controlnet.core.models.TinyVae;
import io.github.controlnet.core.tensors.Shapes;
import io.github.controlnet.engine.LatentFormat;
import io.github.controlnet.engine.TinyAutoencoderSpec;
import io.github.controlnet.exception.WeightsException;
import java.util.ArrayList;
import java.util.List;

/** Reads the sizes of a tiny autoencoder from its row of layers, under diffusers' names. */
record TinyAutoencoderReader(String what, Shapes shapes) {
  private static final String DECODER = "decoder.layers.";
  private static final String ENCODER = "encoder.layers.";

  TinyAutoencoderSpec read(AutoencoderSettings settings, LatentFormat usual) {
    settings.require(AutoencoderSettings.TINY, what);
    if (!shapes.hasAny(DECODER)) {
      throw new WeightsException(
          "%s is the encoder of a tiny autoencoder, which draws nothing by itself. Give the decoder's file; the encoder's is looked for beside it."
              .formatted(what));
    }
    // an activation follows the decoder's first layer, and takes a number
    List<Integer> decoder = blocks(DECODER, 2);
    List<Integer> encoder = shapes.hasAny(ENCODER) ? blocks(ENCODER, 1) : List.of();
    AutoencoderReader.requireLevels(what, Math.max(decoder.size(), encoder.size()));
    if (!encoder.isEmpty() && encoder.size() != decoder.size()) {
      throw new WeightsException(
          "%s has %d levels in its encoder and %d in its decoder; expected as many."
              .formatted(what, encoder.size(), decoder.size()));
    }
    int latents = shapes.side(DECODER + "0.weight", 4, 1);
    TinyAutoencoderSpec spec =
        new TinyAutoencoderSpec(
            shapes.side(DECODER + last(DECODER) + ".weight", 4, 0),
            settings.tinyLatents(latents, decoder.size(), usual),
            shapes.side(DECODER + "0.weight", 4, 0),
            decoder,
            encoder);
    shapes.require(TinyVae.shapes(spec), false);
    return spec;
  }

  /** Counts the blocks between the convolutions that lead from level to level. */
  private List<Integer> blocks(String half, int first) {
    List<Integer> levels = new ArrayList<>();
    int blocks = 0;
    for (int i = first; i < last(half); i++) {
      if (isBlock(half, i)) {
        blocks++;
      } else if (shapes.has(half + i + ".weight")) {
        levels.add(blocks);
        blocks = 0;
      }
    }
    levels.add(blocks);
    return levels;
  }

  private boolean isBlock(String half, int layer) {
    return shapes.hasAny(half + layer + ".conv.");
  }

  /** The number of the last layer. */
  private int last(String half) {
    return shapes.last(half);
  }
}
