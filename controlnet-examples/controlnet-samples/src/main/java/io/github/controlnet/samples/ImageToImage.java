package io.github.controlnet.samples;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.InitImage;
import io.github.controlnet.InpaintMask;
import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.image.Images;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;

/** A photograph painted over, whole and then inside a mask, its edges kept by a control. */
public final class ImageToImage {
  private ImageToImage() {}

  /**
   * Draws them.
   *
   * @param args the output folder
   * @throws IOException when a picture cannot be written
   */
  public static void main(String[] args) throws IOException {
    DemoModel demo = DemoModel.extract(Path.of("target", "demo"));
    BufferedImage photo = Images.resizeToResolution(Images.read(demo.photograph()), 128);
    BufferedImage mask =
        new BufferedImage(photo.getWidth(), photo.getHeight(), BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = mask.createGraphics();
    pen.setColor(Color.WHITE); // what is white is painted anew
    pen.fillOval(48, 24, 72, 72);
    pen.dispose();
    try (ControlNetPipeline pipeline =
        ControlNetPipeline.builder()
            .base(BaseModel.of(demo.base()))
            .control(ControlModel.of(demo.control()))
            .build()) {
      GenerationRequest.Builder request =
          GenerationRequest.builder()
              .prompt("a cup of tea")
              .control(ControlInput.annotate(photo, "canny"))
              .steps(6)
              .seed(42);
      InitImage init = InitImage.of(photo).withStrength(0.7);
      Output.save(
          pipeline.generate(request.initImage(init).build()).images().get(0),
          args,
          "image-to-image.png");
      InitImage part = init.withMask(InpaintMask.of(mask).withBlur(4));
      Output.save(
          pipeline.generate(request.initImage(part).build()).images().get(0), args, "inpaint.png");
    }
  }
}
