package io.github.controlnet.core.training;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.ControlNetException;
import io.github.controlnet.image.Images;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.progress.CancellationToken;
import io.github.controlnet.training.TrainingPlan;
import io.github.controlnet.training.TrainingSample;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/** The sample pictures of a training, painted with the models as they are by then. */
final class Samples {
  private final TrainingPlan plan;
  private final Path folder;
  private final int side;
  private final Exports exports;

  /**
   * Makes the painter.
   *
   * @param side of the pictures, in pixels
   */
  Samples(TrainingPlan plan, int side, Exports exports) {
    this.plan = plan;
    this.folder = plan.config().output().folder().resolve("samples");
    this.side = side;
    this.exports = exports;
  }

  /** Paints all samples with the networks as they are after a step. */
  List<Path> paint(int step, WeightSource state) {
    Path temporary = plan.config().output().folder().resolve(".painting.tmp");
    try {
      Checkpoints.delete(temporary);
      List<Path> files = paint(step, exports.write(temporary, state));
      Checkpoints.delete(temporary);
      return files;
    } catch (IOException e) {
      throw new ControlNetException("%s cannot be used: %s.".formatted(temporary, e), e);
    }
  }

  private List<Path> paint(int step, Exports.Models models) {
    List<Path> files = new ArrayList<>();
    ControlNetPipeline.Builder builder =
        ControlNetPipeline.builder()
            .base(models.base().map(BaseModel::of).orElse(plan.base()))
            .control(ControlModel.of(models.control()))
            .engine(plan.engine());
    plan.tokenizer().ifPresent(builder::tokenizer);
    int threads = plan.config().run().threads();
    if (threads > 0) {
      builder.threads(threads);
    }
    try (ControlNetPipeline pipeline = builder.build()) {
      Files.createDirectories(folder);
      List<TrainingSample> samples = plan.config().output().samples();
      for (int i = 0; i < samples.size(); i++) {
        BufferedImage picture = paint(pipeline, samples.get(i), plan.cancellation());
        Path file = folder.resolve("step-%08d-%d.png".formatted(step, i));
        Path temporary = folder.resolve("." + file.getFileName() + ".tmp");
        ImageIO.write(picture, "png", temporary.toFile());
        files.add(Files.move(temporary, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING));
      }
    } catch (IOException e) {
      throw new ControlNetException("Sample pictures cannot be written: %s.".formatted(e), e);
    }
    return files;
  }

  private BufferedImage paint(
      ControlNetPipeline pipeline, TrainingSample sample, CancellationToken token) {
    return pipeline
        .generate(
            GenerationRequest.builder()
                .prompt(sample.prompt())
                .control(ControlInput.of(Images.read(sample.controlImage())))
                .width(side)
                .height(side)
                .steps(sample.steps())
                .guidanceScale(sample.guidanceScale())
                .seed(sample.seed())
                .onlyMidControl(plan.config().run().onlyMidControl())
                .cancellation(token)
                .build())
        .images()
        .get(0);
  }
}
