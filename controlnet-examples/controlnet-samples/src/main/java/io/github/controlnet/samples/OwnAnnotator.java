package io.github.controlnet.samples;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.image.Images;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import io.github.controlnet.spi.AnnotatorProvider;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * An annotator of one's own: the provider tells its name and options, a line in {@code
 * META-INF/services} makes it known, and it is used like any other, on the command line too.
 */
public final class OwnAnnotator implements AnnotatorProvider {

  /** Called by {@link java.util.ServiceLoader}. */
  public OwnAnnotator() {}

  @Override
  public String name() {
    return "sample_contours";
  }

  @Override
  public String description() {
    return "White where the brightness passes a level.";
  }

  @Override
  public List<AnnotatorOption> options() {
    return List.of(AnnotatorOption.integer("level", 128, 1, 254, "The level, of 255."));
  }

  @Override
  public Annotator create(AnnotatorOptions options, AnnotatorContext context) {
    int level = options.integer("level");
    return photo -> Annotation.of(contours(photo, level));
  }

  private static BufferedImage contours(BufferedImage photo, int level) {
    BufferedImage map =
        new BufferedImage(photo.getWidth(), photo.getHeight(), BufferedImage.TYPE_INT_RGB);
    for (int y = 1; y < photo.getHeight(); y++) {
      for (int x = 1; x < photo.getWidth(); x++) {
        boolean here = bright(photo, x, y, level);
        if (here != bright(photo, x - 1, y, level) || here != bright(photo, x, y - 1, level)) {
          map.setRGB(x, y, 0xffffff);
        }
      }
    }
    return map;
  }

  private static boolean bright(BufferedImage photo, int x, int y, int level) {
    return (photo.getRGB(x, y) >> 8 & 255) >= level; // green is near enough to brightness
  }

  /**
   * Draws a picture with it.
   *
   * @param args the output folder
   * @throws IOException when the picture cannot be written
   */
  public static void main(String[] args) throws IOException {
    DemoModel demo = DemoModel.extract(Path.of("target", "demo"));
    try (ControlNetPipeline pipeline =
        ControlNetPipeline.builder()
            .base(BaseModel.of(demo.base()))
            .control(ControlModel.of(demo.control()))
            .build()) {
      GenerationResult result =
          pipeline.generate(
              GenerationRequest.builder()
                  .control(
                      ControlInput.annotate(Images.read(demo.photograph()), "sample_contours")
                          .withAnnotatorOption("level", "100"))
                  .imageResolution(128)
                  .steps(4)
                  .seed(42)
                  .build());
      Output.save(result.images().get(0), args, "own-annotator.png");
      Output.save(result.controlMaps().get(0), args, "own-annotator-map.png");
    }
  }
}
