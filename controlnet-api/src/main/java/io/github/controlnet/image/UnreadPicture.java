package io.github.controlnet.image;

import io.github.controlnet.exception.Help;
import io.github.controlnet.exception.UnreadableImageException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Names what is not read by its first bytes, and says what to do with it. */
final class UnreadPicture {
  private static final int ENOUGH = 256;

  /** Beginnings in Latin-1, and what begins so. */
  private static final List<List<String>> KINDS =
      List.of(
          List.of("\u00ff\n", "JPEG XL"),
          List.of("\0\0\0\fJXL ", "JPEG XL"),
          List.of("\0\0\0\fjP  ", "JPEG 2000"),
          List.of("\u00ffO\u00ffQ", "JPEG 2000"),
          List.of("8BPS", "a Photoshop document"),
          List.of("gimp xcf", "a GIMP document"),
          List.of("\0\0\1\0", "an icon"),
          List.of("%PDF", "PDF"),
          List.of("%!PS", "PostScript"),
          List.of("qoif", "QOI"),
          List.of("v/1\1", "OpenEXR"),
          List.of("#?", "Radiance HDR"),
          List.of("DDS ", "DDS"),
          List.of("II+\0", "BigTIFF"),
          List.of("MM\0+", "BigTIFF"),
          List.of("\u008aMNG", "MNG"),
          List.of("\u001aE\u00df\u00a3", "a film"),
          List.of("PK\3\4", "a zip archive"));

  private static final List<String> AVIF_BRANDS = List.of("avif", "avis");
  private static final List<String> HEIC_BRANDS =
      List.of("heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1");

  private UnreadPicture() {}

  static UnreadableImageException refused(String name, byte[] encoded) {
    String kind = kind(encoded);
    String known = kind.isEmpty() ? "" : " (it is " + kind + ")";
    return new UnreadableImageException(
        Help.IMAGE_IS_NOT_READ.after(
            "%s is not a picture that can be read%s; %s are read.%s"
                .formatted(name, known, PictureFormat.READ, remedy(kind))));
  }

  private static String remedy(String kind) {
    return switch (kind) {
      case "" -> "";
      case "WebP" ->
          " Save it as PNG, or put com.twelvemonkeys.imageio:imageio-webp on the class path.";
      case "a web page" -> " The address gave a page, not the picture.";
      case "a film" -> " Save one of its pictures as PNG.";
      default -> " Save it as PNG.";
    };
  }

  private static String kind(byte[] encoded) {
    if (PictureFormat.of(encoded) == PictureFormat.WEBP) {
      return "WebP";
    }
    String start =
        new String(encoded, 0, Math.min(encoded.length, ENOUGH), StandardCharsets.ISO_8859_1);
    if (start.startsWith("ftyp", 4)) {
      return film(start);
    }
    for (List<String> kind : KINDS) {
      if (start.startsWith(kind.get(0))) {
        return kind.get(1);
      }
    }
    if (start.matches("(?s)P[1-7]\\s.*")) {
      return "a portable pixmap";
    }
    String text = start.replaceFirst("^\u00ef\u00bb\u00bf", "").stripLeading();
    String letters = text.toLowerCase(Locale.ROOT);
    if (letters.startsWith("<!doctype html") || letters.startsWith("<html")) {
      return "a web page";
    }
    if (letters.contains("<svg")) {
      return "SVG, a drawing without pixels";
    }
    return letters.startsWith("<?xml") ? "XML" : "";
  }

  /** The brands of an ISO base media file: the first one, and those that it is compatible with. */
  private static String film(String start) {
    int length = start.charAt(2) << 8 | start.charAt(3);
    String brands = start.substring(8, Math.max(8, Math.min(start.length(), length)));
    if (Arrays.stream(brands.split("(?<=\\G.{4})")).anyMatch(AVIF_BRANDS::contains)) {
      return "AVIF";
    }
    return Arrays.stream(brands.split("(?<=\\G.{4})")).anyMatch(HEIC_BRANDS::contains)
        ? "HEIC"
        : "a film";
  }
}
