package io.github.controlnet.image;

import com.drew.imaging.jpeg.JpegMetadataReader;
import com.drew.imaging.jpeg.JpegProcessingException;
import com.drew.metadata.MetadataException;
import com.drew.metadata.adobe.AdobeJpegDirectory;
import com.drew.metadata.adobe.AdobeJpegReader;
import io.github.controlnet.InvalidRequestException;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageReader;

/**
 * Converts JPEG pictures of four inks, which Java decodes but does not convert. The inks are stored
 * inverted, as Adobe's programs do and as other readers take for granted. No colour profile is
 * applied: red is what cyan and black leave over, and so on, as in PIL.
 */
final class CmykJpeg {
  private static final int INKS = 4;
  private static final int YCCK = 2;

  private CmykJpeg() {}

  static Pixels decode(ImageReader reader, byte[] encoded) throws IOException {
    Raster raster = reader.readRaster(0, null);
    if (raster.getNumBands() != INKS) {
      throw new InvalidRequestException(
          "The JPEG has %d components of an unknown kind; expected grey, RGB or CMYK. Save it as"
                  .formatted(raster.getNumBands())
              + " PNG.");
    }
    boolean ycck = transform(encoded) == YCCK;
    int width = raster.getWidth();
    int height = raster.getHeight();
    int[] target = new int[width * height];
    int[] row = new int[width * INKS];
    int at = 0;
    for (int y = 0; y < height; y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int i = 0; i < row.length; i += INKS) {
        if (ycck) {
          toInks(row, i);
        }
        int light = row[i + 3];
        target[at++] =
            (left(row[i], light) << 16) | (left(row[i + 1], light) << 8) | left(row[i + 2], light);
      }
    }
    return new Pixels(width, height, target);
  }

  /** Adobe's marker tells how the first three components were transformed: 2 for YCCK. */
  private static int transform(byte[] encoded) throws IOException {
    try {
      AdobeJpegDirectory adobe =
          JpegMetadataReader.readMetadata(
                  new ByteArrayInputStream(encoded), List.of(new AdobeJpegReader()))
              .getFirstDirectoryOfType(AdobeJpegDirectory.class);
      return adobe == null ? 0 : adobe.getInt(AdobeJpegDirectory.TAG_COLOR_TRANSFORM);
    } catch (JpegProcessingException | MetadataException e) {
      return 0;
    }
  }

  /** What an ink and black leave over; both are stored inverted, as the light they let through. */
  private static int left(int ink, int light) {
    int full = light - multiply(255 - ink, light);
    return Math.max(0, full);
  }

  /** a * b / 255, rounded. */
  private static int multiply(int a, int b) {
    int product = a * b + 128;
    return ((product >> 8) + product) >> 8;
  }

  /** Y, Cb, Cr to inverted inks: the RGB of ITU-R BT.601 stands for 255 minus the stored ink. */
  private static void toInks(int[] samples, int at) {
    double luma = samples[at];
    double blue = samples[at + 1] - 128;
    double red = samples[at + 2] - 128;
    samples[at] = 255 - clip(luma + 1.402 * red);
    samples[at + 1] = 255 - clip(luma - 0.344136286 * blue - 0.714136286 * red);
    samples[at + 2] = 255 - clip(luma + 1.772 * blue);
  }

  private static int clip(double value) {
    return (int) Math.max(0, Math.min(255, Math.rint(value)));
  }
}
