package io.github.controlnet.samples;

import io.github.controlnet.BaseModel;
import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlModel;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.image.Images;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;

/** Two controls at once, each with its scale and the part of the steps in which it acts. */
public final class TwoControls {
  private TwoControls() {}

  /**
   * Draws it.
   *
   * @param args the output folder
   * @throws IOException when the picture cannot be written
   */
  public static void main(String[] args) throws IOException {
    DemoModel demo = DemoModel.extract(Path.of("target", "demo"));
    BufferedImage photo = Images.read(demo.photograph());
    try (ControlNetPipeline pipeline =
        ControlNetPipeline.builder()
            .base(BaseModel.of(demo.base()))
            .control(ControlModel.of(demo.control())) // edges
            .control(ControlModel.of(demo.control())) // another file, such as one for depth
            .build()) {
      GenerationResult result =
          pipeline.generate(
              GenerationRequest.builder()
                  .prompt("a cup of coffee")
                  .control(ControlInput.annotate(photo, "canny").withScale(0.8))
                  .control(ControlInput.annotate(photo, "scribble").withWindow(0, 0.5))
                  .imageResolution(128)
                  .steps(8)
                  .seed(42)
                  .build());
      Output.save(result.images().get(0), args, "two-controls.png");
    }
  }
}
