package io.github.controlnet.core.training;

import io.github.controlnet.core.random.TorchGenerator;
import io.github.controlnet.engine.Autoencoder.LatentDistribution;
import io.github.controlnet.exception.AnnotationException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.UnreadableImageException;
import io.github.controlnet.image.Images;
import io.github.controlnet.image.Resampling;
import io.github.controlnet.image.ResizeMode;
import io.github.controlnet.training.BrokenRecords;
import io.github.controlnet.training.TrainingDataException;
import java.awt.image.BufferedImage;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Reads the record whose turn it is and draws its random numbers. Both follow from the seed and the
 * position in the data, whichever thread is at work and whatever was read before.
 */
final class SampleReader {
  /** How samples are to be made. */
  record Plan(
      long seed,
      int side,
      int latentValues,
      int timesteps,
      double promptDropRate,
      BrokenRecords onBrokenRecord) {}

  private final TrainingData data;
  private final DataOrder order;
  private final Plan plan;
  private final Optional<ControlMapMaker> maker;
  private final Cache<Integer, LatentDistribution> latents;
  private final Consumer<String> warnings;
  private final Set<Integer> broken = ConcurrentHashMap.newKeySet();

  SampleReader(
      TrainingData data,
      DataOrder order,
      Plan plan,
      Optional<ControlMapMaker> maker,
      Cache<Integer, LatentDistribution> latents,
      Consumer<String> warnings) {
    this.data = data;
    this.order = order;
    this.plan = plan;
    this.maker = maker;
    this.latents = latents;
    this.warnings = warnings;
  }

  /**
   * Reads the sample at a position.
   *
   * @param position counted over all epochs
   */
  Sample read(long position) {
    for (int later = 0; later < data.size(); later++) {
      int index = order.record(position, later);
      if (broken.contains(index)) {
        continue;
      }
      try {
        return read(position, index);
      } catch (InvalidRequestException | UnreadableImageException | AnnotationException e) {
        String what = "%s cannot be used: %s".formatted(data.get(index).name(), e.getMessage());
        if (plan.onBrokenRecord() == BrokenRecords.STOP) {
          throw new TrainingDataException(
              what + " Mend the record, or have broken records skipped.", e);
        }
        if (broken.add(index)) {
          warnings.accept(what + " It is skipped.");
        }
      }
    }
    throw new TrainingDataException("Not one record of the data can be read.");
  }

  private Sample read(long position, int index) {
    TrainingRecord record = data.get(index);
    int side = plan.side();
    Optional<LatentDistribution> known = latents.get(index);
    Optional<BufferedImage> picture = Optional.empty();
    if (known.isEmpty() || record.source().isEmpty()) {
      picture = Optional.of(Images.read(record.target()));
    }
    BufferedImage map =
        record
            .source()
            .map(Images::read)
            .or(() -> maker.map(annotator -> annotator.map(record.target(), side)))
            .orElseThrow(() -> new InvalidRequestException("There is no control map."));
    SplittableRandom random = new SplittableRandom(DataOrder.mix(plan.seed(), position));
    boolean dropped = random.nextDouble() < plan.promptDropRate();
    int timestep = random.nextInt(plan.timesteps());
    TorchGenerator normal = new TorchGenerator(random.nextLong());
    return new Sample(
        index,
        values(square(map, side), 1 / 255f, 0),
        known.isPresent()
            ? new float[0]
            : values(square(picture.orElseThrow(), side), 1 / 127.5f, -1),
        known,
        dropped ? "" : record.prompt(),
        timestep,
        normal.randn(plan.latentValues()),
        normal.randn(plan.latentValues()));
  }

  /** The largest square in the middle, in the size of the training. */
  static BufferedImage square(BufferedImage image, int side) {
    if (image.getWidth() == side && image.getHeight() == side) {
      return image;
    }
    Images.checkAspect("The picture", image.getWidth(), image.getHeight());
    boolean enlarging = Math.min(image.getWidth(), image.getHeight()) < side;
    return Images.fit(
        image, side, side, ResizeMode.CROP, enlarging ? Resampling.BILINEAR : Resampling.AREA);
  }

  private static float[] values(BufferedImage image, float scale, float shift) {
    int side = image.getWidth();
    int plane = side * side;
    float[] values = new float[3 * plane];
    int[] row = new int[side];
    for (int y = 0; y < side; y++) {
      image.getRGB(0, y, side, 1, row, 0, side);
      for (int x = 0; x < side; x++) {
        int at = y * side + x;
        values[at] = (row[x] >> 16 & 255) * scale + shift;
        values[at + plane] = (row[x] >> 8 & 255) * scale + shift;
        values[at + 2 * plane] = (row[x] & 255) * scale + shift;
      }
    }
    return values;
  }
}
