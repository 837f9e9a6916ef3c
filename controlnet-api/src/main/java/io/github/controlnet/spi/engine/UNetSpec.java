package io.github.controlnet.spi.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * The sizes of a U-Net (Rombach et al. 2022, arXiv:2112.10752), as far as its weights tell, and the
 * few numbers that they do not.
 *
 * <p>Level 0 has the latents' size, each further level half of it. The encoder has {@code
 * residualBlocks} residual blocks a level, the decoder one more.
 *
 * @param inChannels channels of the input: 4, or 9 for inpainting
 * @param outChannels channels of the prediction
 * @param levels from the full resolution downwards
 * @param residualBlocks residual blocks a level in the encoder, 2 for Stable Diffusion
 * @param middleDepth transformer blocks in the middle, 1 for Stable Diffusion, 0 for none
 * @param middleHeads attention heads in the middle
 * @param contextWidth values in a text state, 768 for Stable Diffusion 1.x
 * @param timeWidth values in the time embedding, 1280 for Stable Diffusion
 * @param groups groups of the group norms, 32 for Stable Diffusion
 * @param normEpsilon epsilon of the group norms of the residual blocks, 1e-5
 * @param linearProjection whether the transformers' projections are linear layers (2.x) instead of
 *     1 x 1 convolutions (1.x)
 */
public record UNetSpec(
    int inChannels,
    int outChannels,
    List<Level> levels,
    int residualBlocks,
    int middleDepth,
    int middleHeads,
    int contextWidth,
    int timeWidth,
    int groups,
    double normEpsilon,
    boolean linearProjection) {

  /** Copies the list. */
  public UNetSpec {
    levels = List.copyOf(levels);
  }

  /**
   * One resolution.
   *
   * @param channels its channels
   * @param depth transformer blocks after each residual block; 0 for none
   * @param heads attention heads; meaningless when there are no transformer blocks
   */
  public record Level(int channels, int depth, int heads) {}

  /**
   * Returns how many residuals a control for this U-Net has: one for each skip and the middle.
   *
   * @return 13 for Stable Diffusion 1.x
   */
  public int residualCount() {
    return levels.size() * (residualBlocks + 1) + 1;
  }

  /**
   * Returns how often the latents' size has been halved, rounded up, where each residual acts.
   *
   * @return the level of each of the {@link #residualCount()} residuals, from the first skip to the
   *     middle: 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3 for Stable Diffusion 1.x
   */
  public List<Integer> residualLevels() {
    List<Integer> result = new ArrayList<>();
    result.add(0);
    for (int level = 0; level < levels.size(); level++) {
      for (int block = 0; block < residualBlocks; block++) {
        result.add(level);
      }
      // what leads to the next level; at the last one it is the middle
      result.add(Math.min(level + 1, levels.size() - 1));
    }
    return List.copyOf(result);
  }
}
