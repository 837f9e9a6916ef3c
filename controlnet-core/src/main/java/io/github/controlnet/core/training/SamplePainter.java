package io.github.controlnet.core.training;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
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
import java.util.Optional;
import javax.imageio.ImageIO;

/** Paints sample pictures with the control as it is by now. */
final class SamplePainter {
  private final TrainingPlan plan;
  private final Path folder;
  private final int side;

  SamplePainter(TrainingPlan plan, int side) {
    this.plan = plan;
    this.folder = plan.config().output().folder().resolve("samples");
    this.side = side;
  }

  /**
   * Paints all samples.
   *
   * @param control the control's folder
   * @param base the changed base, when the U-Net learns too
   */
  List<Path> paint(int step, Path control, Optional<Path> base) {
    List<Path> files = new ArrayList<>();
    ControlNetPipeline.Builder builder =
        ControlNetPipeline.builder()
            .base(base.map(BaseModel::of).orElse(plan.base()))
            .control(ControlModel.of(control));
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
