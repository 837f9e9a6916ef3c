package io.github.controlnet.engine;

import java.util.Collections;
import java.util.List;

/**
 * The sizes of a tiny autoencoder (TAESD, github.com/madebyollin/taesd; {@code AutoencoderTiny} of
 * diffusers): 3 x 3 convolutions and ReLUs of one width throughout, which were distilled from a
 * large autoencoder. Encoding is deterministic.
 *
 * @param imageChannels 3 for RGB
 * @param latents how its latents are written down: those of the denoiser, neither scaled nor
 *     shifted, in every published file
 * @param width channels of all feature maps, 64
 * @param decoderBlocks blocks of each level of the decoder, from the latents' resolution upwards;
 *     3, 3, 3, 1
 * @param encoderBlocks blocks of each level of the encoder, from the full resolution downwards; 1,
 *     3, 3, 3; empty when the weights hold the decoder alone
 */
public record TinyAutoencoderSpec(
    int imageChannels,
    LatentFormat latents,
    int width,
    List<Integer> decoderBlocks,
    List<Integer> encoderBlocks)
    implements AutoencoderSpec {
  /**
   * Copies the lists and checks that they fit each other and the latents.
   *
   * @throws IllegalArgumentException when they do not
   */
  public TinyAutoencoderSpec {
    decoderBlocks = List.copyOf(decoderBlocks);
    encoderBlocks = List.copyOf(encoderBlocks);
    AutoencoderSpec.requireFactor(decoderBlocks.size(), latents);
    if (!encoderBlocks.isEmpty() && encoderBlocks.size() != decoderBlocks.size()) {
      throw new IllegalArgumentException(
          "An encoder of %d levels does not belong to a decoder of %d; expected as many."
              .formatted(encoderBlocks.size(), decoderBlocks.size()));
    }
  }

  @Override
  public List<Integer> widths() {
    return Collections.nCopies(decoderBlocks.size(), width);
  }

  @Override
  public boolean hasEncoder() {
    return !encoderBlocks.isEmpty();
  }
}
