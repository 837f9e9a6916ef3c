package io.github.controlnet.mini;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;

/** Draws scenes and what controls see of them. */
public final class SceneRenderer {
  private SceneRenderer() {}

  /** The picture: shapes filled, with soft edges. */
  public static BufferedImage picture(Scene scene) {
    return draw(
        scene.background().awt(),
        true,
        canvas ->
            scene
                .objects()
                .forEach(
                    object -> {
                      canvas.setColor(object.color().awt());
                      canvas.fill(object.shape());
                    }));
  }

  /** White lines of one pixel on black. */
  public static BufferedImage outline(Scene scene) {
    return draw(
        Color.BLACK,
        false,
        canvas -> {
          canvas.setColor(Color.WHITE);
          canvas.setStroke(new BasicStroke(1));
          scene.objects().forEach(object -> canvas.draw(object.shape()));
        });
  }

  /** Every shape filled with its kind's colour of {@link SegmentationPalette}, black behind. */
  public static BufferedImage segmentation(Scene scene) {
    return draw(
        Color.BLACK,
        false,
        canvas ->
            scene
                .objects()
                .forEach(
                    object -> {
                      canvas.setColor(SegmentationPalette.of(object.kind()));
                      canvas.fill(object.shape());
                    }));
  }

  /** Thick soft lines in the shapes' colours on the background: a drawing to take edges from. */
  static BufferedImage drawing(Scene scene, float thickness) {
    return draw(
        scene.background().awt(),
        true,
        canvas -> {
          canvas.setStroke(new BasicStroke(thickness));
          scene
              .objects()
              .forEach(
                  object -> {
                    canvas.setColor(object.color().awt());
                    canvas.draw(object.shape());
                  });
        });
  }

  /** Where one shape is: white inside, black outside, grey where it covers a part of a pixel. */
  static BufferedImage mask(SceneObject object) {
    return draw(
        Color.BLACK,
        true,
        canvas -> {
          canvas.setColor(Color.WHITE);
          canvas.fill(object.shape());
        });
  }

  private interface Painter {
    void paint(Graphics2D canvas);
  }

  private static BufferedImage draw(Color background, boolean soft, Painter painter) {
    BufferedImage image = new BufferedImage(Scene.SIZE, Scene.SIZE, BufferedImage.TYPE_INT_RGB);
    Graphics2D canvas = image.createGraphics();
    canvas.setColor(background);
    canvas.fillRect(0, 0, Scene.SIZE, Scene.SIZE);
    canvas.setRenderingHint(
        RenderingHints.KEY_ANTIALIASING,
        soft ? RenderingHints.VALUE_ANTIALIAS_ON : RenderingHints.VALUE_ANTIALIAS_OFF);
    canvas.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    painter.paint(canvas);
    canvas.dispose();
    return image;
  }
}
