package io.github.controlnet.samples;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Polygon;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Two controls at once, each with its picture and its scale: one follows a line, the other a filled
 * shape.
 */
public final class TwoControls {
  private TwoControls() {}

  /**
   * Draws it.
   *
   * @param args the output folder
   * @throws IOException when the picture cannot be written
   */
  public static void main(String[] args) throws IOException {
    BufferedImage line = black();
    Graphics2D pen = line.createGraphics();
    pen.drawOval(12, 16, 48, 48);
    pen.dispose();

    BufferedImage filled = black();
    Graphics2D brush = filled.createGraphics();
    brush.setColor(new Color(255, 255, 60)); // what the model's palette has for a diamond
    brush.fill(new Polygon(new int[] {90, 114, 90, 66}, new int[] {60, 88, 116, 88}, 4));
    brush.dispose();

    DemoModel demo = DemoModel.extract(Path.of("target", "demo"));
    try (ControlNetPipeline pipeline =
        ControlNetPipeline.builder()
            .base(BaseModel.of(demo.base()))
            .control(ControlModel.of(demo.control()))
            .control(ControlModel.of(demo.segmentation()))
            .build()) {
      GenerationResult result =
          pipeline.generate(
              GenerationRequest.builder()
                  .prompt("red circle and white diamond with navy background")
                  .control(ControlInput.of(line)) // in the order of the pipeline's controls
                  .control(ControlInput.of(filled).withScale(0.9))
                  .guidanceScale(DemoModel.GUIDANCE_SCALE)
                  .seed(42)
                  .build());
      Output.save(result.images().get(0), args, "two-controls.png");
    }
  }

  private static BufferedImage black() {
    return new BufferedImage(128, 128, BufferedImage.TYPE_INT_RGB);
  }
}
