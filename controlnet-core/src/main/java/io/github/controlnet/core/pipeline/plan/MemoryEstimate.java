package io.github.controlnet.core.pipeline.plan;

import com.sun.management.OperatingSystemMXBean;
import io.github.controlnet.core.pipeline.canvas.PictureDecoder;
import io.github.controlnet.core.pipeline.canvas.PictureSize;
import io.github.controlnet.core.pipeline.load.LoadedBase;
import io.github.controlnet.engine.AutoencoderSpec;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.engine.Site;
import io.github.controlnet.engine.Site.Place;
import io.github.controlnet.exception.Help;
import io.github.controlnet.exception.InvalidRequestException;
import java.lang.management.ManagementFactory;
import java.util.List;

/**
 * What a generation's intermediate results need at least, so that a request which cannot fit is
 * refused with a sentence and not by the operating system. It leaves out the weights, which offload
 * may keep away, and is a lower bound: nothing that would run is refused.
 *
 * @param bytes the larger of the denoiser's and the autoencoder's need
 */
record MemoryEstimate(long bytes) {
  private static final int FLOAT_BYTES = 4;

  static MemoryEstimate of(LoadedBase base, int controls, LatentShape shape, boolean vaeTiling) {
    double pixels = (double) shape.height() * shape.width();
    // The first level's skips live until the end of the network; one more set for each control.
    double skips =
        pixels
            * base.weights().unet().sites().stream()
                .filter(site -> site.place() == Place.SKIP && site.level() == 0)
                .mapToInt(Site::channels)
                .sum();
    double denoiser = base.engine().imagesAtOnce(shape) * skips * (1 + controls);

    AutoencoderSpec autoencoder = base.autoencoderSpec();
    int factor = autoencoder.factor();
    List<Integer> widths = autoencoder.widths();
    // The decoder's last level starts with the width of the level below, in and out of a block.
    int widest = widths.size() > 1 ? widths.get(1) : widths.get(0);
    double tile = PictureDecoder.TILE * PictureDecoder.TILE;
    double decoded = vaeTiling ? Math.min(pixels, tile) : pixels;
    double decoder = decoded * factor * factor * (widest + widths.get(0));
    double values = Math.max(denoiser, decoder);
    return new MemoryEstimate((long) Math.min(Long.MAX_VALUE, values * FLOAT_BYTES));
  }

  void check(PictureSize size, int images) {
    long machine =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    if (bytes > machine) {
      throw new InvalidRequestException(
          Help.NOT_ENOUGH_MEMORY.after(
              "A batch of %d at %d x %d needs at least %.1f GB, this machine has %.1f GB. Use a smaller size, fewer images or VAE tiling."
                  .formatted(images, size.width(), size.height(), bytes / 1e9, machine / 1e9)));
    }
  }
}
