package io.github.controlnet.mini;

import io.github.controlnet.BaseModel;
import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlModel;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/** Draws the README's picture: outlines down, prompts across, what mini paints for each pair. */
public final class Showcase {
  private static final int CELL = Scene.SIZE;
  private static final int GAP = 8;
  private static final int HEAD = 42;
  private static final NamedColor ANY = NamedColor.ALL.get(0);

  private static final List<Scene> ROWS =
      List.of(
          new Scene("star", ANY, List.of(new SceneObject(ShapeKind.STAR, ANY, 64, 68, 44))),
          new Scene("circle", ANY, List.of(new SceneObject(ShapeKind.CIRCLE, ANY, 46, 74, 34))),
          new Scene("cross", ANY, List.of(new SceneObject(ShapeKind.CROSS, ANY, 72, 58, 38))));

  private static final List<String> COLUMNS =
      List.of(
          "red %s with sky blue background",
          "white %s with purple background",
          "yellow %s with teal background",
          "black %s with pink background");

  private Showcase() {}

  /** Arguments: base, control, picture to write. */
  public static void main(String[] arguments) throws IOException {
    try (ControlNetPipeline pipeline =
        ControlNetPipeline.builder()
            .base(BaseModel.of(Path.of(arguments[0])))
            .control(ControlModel.of(Path.of(arguments[1])))
            .build()) {
      ImageIO.write(draw(pipeline), "png", Path.of(arguments[2]).toFile());
    }
  }

  private static BufferedImage draw(ControlNetPipeline pipeline) {
    int width = (COLUMNS.size() + 1) * (CELL + GAP) + GAP;
    int height = HEAD + ROWS.size() * (CELL + GAP) + GAP;
    BufferedImage sheet = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D canvas = sheet.createGraphics();
    canvas.setColor(Color.WHITE);
    canvas.fillRect(0, 0, width, height);
    canvas.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    canvas.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    canvas.setColor(Color.BLACK);
    canvas.drawString("control", GAP, 28);
    for (int column = 0; column < COLUMNS.size(); column++) {
      String[] parts = COLUMNS.get(column).formatted("…").split(" with ", -1);
      int x = GAP + (column + 1) * (CELL + GAP);
      canvas.drawString(parts[0], x, 19);
      canvas.drawString("with " + parts[1], x, 35);
    }
    for (int row = 0; row < ROWS.size(); row++) {
      Scene scene = ROWS.get(row);
      BufferedImage outline = SceneRenderer.outline(scene);
      int y = HEAD + row * (CELL + GAP);
      canvas.drawImage(outline, GAP, y, null);
      for (int column = 0; column < COLUMNS.size(); column++) {
        GenerationRequest request =
            GenerationRequest.builder()
                .prompt(COLUMNS.get(column).formatted(scene.prompt()))
                .control(ControlInput.of(outline))
                .size(CELL, CELL)
                .seed(1)
                .build();
        canvas.drawImage(
            pipeline.generate(request).images().get(0), GAP + (column + 1) * (CELL + GAP), y, null);
      }
    }
    canvas.dispose();
    return sheet;
  }
}
