package io.github.controlnet.mini;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * Draws the README's picture: what the controls see down, prompts across, what mini paints for each
 * pair. In the last row one control sees an outline and the other a filled shape.
 */
public final class Showcase {
  private static final int CELL = Scene.SIZE;
  private static final int GAP = 8;
  private static final int HEAD = 42;
  private static final NamedColor ANY = NamedColor.ALL.get(0);

  /** What the controls see; the second one sees nothing in most rows. */
  private record Row(List<SceneObject> outlined, List<SceneObject> segmented) {
    List<SceneObject> objects() {
      return Stream.concat(outlined.stream(), segmented.stream()).toList();
    }
  }

  private record Column(String color, String background) {}

  private static final List<Row> ROWS =
      List.of(
          new Row(List.of(new SceneObject(ShapeKind.STAR, ANY, 64, 68, 44)), List.of()),
          new Row(List.of(new SceneObject(ShapeKind.CIRCLE, ANY, 46, 74, 34)), List.of()),
          new Row(
              List.of(new SceneObject(ShapeKind.CROSS, ANY, 38, 44, 25)),
              List.of(new SceneObject(ShapeKind.DIAMOND, ANY, 90, 86, 25))));

  private static final List<Column> COLUMNS =
      List.of(
          new Column("red", "sky blue"),
          new Column("white", "purple"),
          new Column("yellow", "teal"),
          new Column("black", "pink"));

  private final ControlNetPipeline pipeline;
  private final ControlModel canny;
  private final ControlModel segmentation;

  private Showcase(ControlNetPipeline pipeline, ControlModel canny, ControlModel segmentation) {
    this.pipeline = pipeline;
    this.canny = canny;
    this.segmentation = segmentation;
  }

  /** Argument: the picture to write. */
  public static void main(String[] arguments) throws IOException {
    DemoModel mini = DemoModel.extract(Files.createTempDirectory("mini"));
    ControlModel canny = ControlModel.of(mini.control());
    ControlModel segmentation = ControlModel.of(mini.segmentation());
    try (ControlNetPipeline pipeline =
        ControlNetPipeline.builder()
            .base(BaseModel.of(mini.base()))
            .control(canny)
            .control(segmentation)
            .build()) {
      BufferedImage sheet = new Showcase(pipeline, canny, segmentation).draw();
      ImageIO.write(sheet, "png", Path.of(arguments[0]).toFile());
    }
  }

  private BufferedImage draw() {
    int width = (COLUMNS.size() + 1) * (CELL + GAP) + GAP;
    int height = HEAD + ROWS.size() * (CELL + GAP) + GAP;
    BufferedImage sheet = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D canvas = sheet.createGraphics();
    canvas.setColor(Color.WHITE);
    canvas.fillRect(0, 0, width, height);
    canvas.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    canvas.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    canvas.setColor(Color.BLACK);
    canvas.drawString("control", GAP, 28);
    for (int column = 0; column < COLUMNS.size(); column++) {
      int x = GAP + (column + 1) * (CELL + GAP);
      canvas.drawString(COLUMNS.get(column).color() + " … with", x, 19);
      canvas.drawString(COLUMNS.get(column).background() + " background", x, 35);
    }
    for (int row = 0; row < ROWS.size(); row++) {
      int y = HEAD + row * (CELL + GAP);
      canvas.drawImage(seen(ROWS.get(row)), GAP, y, null);
      for (int column = 0; column < COLUMNS.size(); column++) {
        canvas.drawImage(
            painted(ROWS.get(row), COLUMNS.get(column)),
            GAP + (column + 1) * (CELL + GAP),
            y,
            null);
      }
    }
    canvas.dispose();
    return sheet;
  }

  private BufferedImage painted(Row row, Column column) {
    String shapes =
        row.objects().stream()
            .map(object -> column.color() + " " + object.kind().word())
            .collect(Collectors.joining(" and "));
    GenerationRequest.Builder request =
        GenerationRequest.builder()
            .prompt(shapes + " with " + column.background() + " background")
            .control(ControlInput.of(outline(row)).withModel(canny))
            .size(CELL, CELL)
            .guidanceScale(DemoModel.GUIDANCE_SCALE)
            .seed(1);
    if (!row.segmented().isEmpty()) {
      request.control(ControlInput.of(segmentation(row)).withModel(segmentation));
    }
    return pipeline.generate(request.build()).images().get(0);
  }

  private static BufferedImage outline(Row row) {
    return SceneRenderer.outline(new Scene("", ANY, row.outlined()));
  }

  private static BufferedImage segmentation(Row row) {
    return SceneRenderer.segmentation(new Scene("", ANY, row.segmented()));
  }

  /** Both maps in one picture. */
  private static BufferedImage seen(Row row) {
    BufferedImage both = segmentation(row);
    BufferedImage lines = outline(row);
    for (int y = 0; y < CELL; y++) {
      for (int x = 0; x < CELL; x++) {
        both.setRGB(x, y, both.getRGB(x, y) | lines.getRGB(x, y));
      }
    }
    return both;
  }
}
