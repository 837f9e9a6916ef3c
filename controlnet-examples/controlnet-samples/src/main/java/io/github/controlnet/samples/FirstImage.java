package io.github.controlnet.samples;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.image.Images;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import java.io.IOException;
import java.nio.file.Path;

/** A picture that follows the edges of another: the prompt decides the colours. */
public final class FirstImage {
  private FirstImage() {}

  /**
   * Draws it.
   *
   * @param args the output folder
   * @throws IOException when the picture cannot be written
   */
  public static void main(String[] args) throws IOException {
    DemoModel demo = DemoModel.extract(Path.of("target", "demo"));
    try (ControlNetPipeline pipeline =
        ControlNetPipeline.builder()
            .base(BaseModel.of(demo.base())) // or BaseModel.hub("org/name")
            .control(ControlModel.of(demo.control()))
            .build()) {
      GenerationResult result =
          pipeline.generate(
              GenerationRequest.builder()
                  .prompt(DemoModel.PROMPT)
                  .control(ControlInput.annotate(Images.read(demo.drawing()), "canny"))
                  .guidanceScale(DemoModel.GUIDANCE_SCALE) // 9 suits Stable Diffusion
                  .seed(42)
                  .build());
      Output.save(result.images().get(0), args, "first.png");
      Output.save(result.controlMaps().get(0), args, "first-edges.png");
    }
  }
}
