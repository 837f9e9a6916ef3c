package io.github.controlnet.samples;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.Controls;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.image.Images;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.model.ExportOptions;
import io.github.controlnet.model.ModelLayout;
import io.github.controlnet.model.NewControl;
import io.github.controlnet.training.ControlNetTrainer;
import io.github.controlnet.training.DataConfig;
import io.github.controlnet.training.OutputConfig;
import io.github.controlnet.training.RunConfig;
import io.github.controlnet.training.TrainingConfig;
import io.github.controlnet.training.TrainingListener;
import io.github.controlnet.training.TrainingProgress;
import io.github.controlnet.training.TrainingResult;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/**
 * A control of one's own: made from a base, trained on pictures with captions, of which an
 * annotator makes the control maps, and used. Two steps on one picture teach it nothing; thousands
 * would.
 */
public final class Training {
  private Training() {}

  /**
   * Trains and draws.
   *
   * @param args the output folder
   * @throws IOException when something cannot be written
   */
  public static void main(String[] args) throws IOException {
    DemoModel demo = DemoModel.extract(Path.of("target", "demo"));
    Path work = Files.createTempDirectory("controlnet-training");
    BufferedImage photo = Images.read(demo.photograph());
    Path data = Files.createDirectory(work.resolve("data")); // cup.png and its caption cup.txt
    ImageIO.write(photo, "png", data.resolve("cup.png").toFile());
    Files.writeString(data.resolve("cup.txt"), "a cup of coffee");

    BaseModel base = BaseModel.of(demo.base());
    ControlModel untrained =
        Controls.create(
            base,
            work.resolve("untrained"),
            NewControl.defaults(),
            ExportOptions.of(ModelLayout.DIFFUSERS));
    TrainingConfig config =
        TrainingConfig.defaults(
                DataConfig.defaults(data).withResolution(64).withAnnotator("canny"),
                OutputConfig.defaults(work.resolve("run")))
            .withRun(RunConfig.defaults().withSteps(2).withBatchSize(1));
    TrainingResult result =
        ControlNetTrainer.builder()
            .base(base)
            .control(untrained)
            .config(config)
            .listener(
                new TrainingListener() {
                  @Override
                  public void onStep(TrainingProgress now) {
                    System.out.printf("step %d: loss %.4f%n", now.step(), now.loss());
                  }
                })
            .build()
            .train();

    try (ControlNetPipeline pipeline =
        ControlNetPipeline.builder()
            .base(base)
            .control(ControlModel.of(result.control()))
            .build()) {
      GenerationRequest request =
          GenerationRequest.builder()
              .prompt("a cup of coffee")
              .control(ControlInput.annotate(photo, "canny"))
              .size(64, 64)
              .steps(4)
              .build();
      Output.save(pipeline.generate(request).images().get(0), args, "training.png");
    }
  }
}
