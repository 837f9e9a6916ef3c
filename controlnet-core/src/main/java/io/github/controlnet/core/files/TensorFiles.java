package io.github.controlnet.core.files;

import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.exception.WeightsException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/** Opens a weights file by what is in it, whatever its name; names what it is when it is none. */
public final class TensorFiles {
  private static final int START = 512;
  private static final String AGAIN = "Download it again.";

  private TensorFiles() {}

  /**
   * Opens a file.
   *
   * @param path safetensors or a PyTorch checkpoint, zip or legacy
   * @return the open file; the caller closes it
   * @throws WeightsException when it cannot be read or is something else, which the message names
   */
  public static TensorFile open(Path path) {
    PositionalFile file = PositionalFile.open(path);
    try {
      return open(file);
    } catch (Throwable e) {
      Closing.closeAfter(e, file);
      throw e;
    }
  }

  private static TensorFile open(PositionalFile file) {
    Path path = file.path();
    if (file.size() == 0) {
      throw new WeightsException("%s is empty. %s".formatted(path, AGAIN));
    }
    byte[] start = file.read(0, (int) Math.min(START, file.size())).array();
    if (startsWith(start, 'P', 'K', 3, 4)) {
      return TorchZip.open(file);
    }
    if (startsWith(start, 0x80)
        && start.length > 1
        && start[1] <= 5
        && start[1] >= 2
        && !looksLikeSafetensors(start)) {
      return TorchLegacy.open(file);
    }
    if (!looksLikeSafetensors(start)) {
      Optional<String> other = recognise(start);
      if (other.isPresent()) {
        throw new WeightsException("%s is %s".formatted(path, other.get()));
      }
      if (!PositionalFile.nameOf(path).endsWith(".safetensors")) {
        throw new WeightsException(
            "%s is no weights file that is known here: it begins with the bytes %s. Expected safetensors or a PyTorch checkpoint (.ckpt, .pth, .pt, .bin)."
                .formatted(
                    path,
                    HexFormat.ofDelimiter(" ").formatHex(start, 0, Math.min(8, start.length))));
      }
    }
    return SafetensorsFile.open(file);
  }

  private static boolean looksLikeSafetensors(byte[] start) {
    return start.length > 8 && start[8] == '{' && start[7] == 0 && start[6] == 0;
  }

  private static Optional<String> recognise(byte[] start) {
    String text = new String(start, StandardCharsets.ISO_8859_1);
    String trimmed = text.strip().toLowerCase(Locale.ROOT);
    if (trimmed.startsWith("\u00ef\u00bb\u00bf")) {
      trimmed = trimmed.substring(3).strip();
    }
    if (trimmed.startsWith("<!doctype")
        || trimmed.startsWith("<html")
        || trimmed.startsWith("<head")
        || trimmed.startsWith("<?xml")
        || trimmed.startsWith("<!--")) {
      return Optional.of(
          "a web page, downloaded in place of the weights; download again, with the link of the file itself.");
    }
    if (trimmed.startsWith("version https://git-lfs")) {
      return Optional.of(
          "a Git LFS pointer, not the weights themselves; fetch them with \"git lfs pull\" or download the file.");
    }
    if (startsWith(start, 0x89, 'P', 'N', 'G')
        || startsWith(start, 0xff, 0xd8, 0xff)
        || text.startsWith("GIF8")
        || text.startsWith("BM")
        || text.startsWith("II*\0")
        || text.startsWith("MM\0*")
        || (text.startsWith("RIFF") && text.startsWith("WEBP", 8))) {
      return Optional.of(
          "an image, not weights; give a .safetensors, .ckpt or .pth file, or a diffusers folder.");
    }
    if (text.length() > 262 && text.startsWith("ustar", 257)) {
      return Optional.of("a TAR archive; unpack it and give the weights inside.");
    }
    if (startsWith(start, 0x1f, 0x8b)) {
      return Optional.of("a gzip archive; unpack it and give the weights inside.");
    }
    if (text.startsWith("7z\u00bc\u00af") || text.startsWith("Rar!")) {
      return Optional.of("an archive; unpack it and give the weights inside.");
    }
    if (text.startsWith("GGUF") || text.startsWith("ggml") || text.startsWith("lmgg")) {
      return Optional.of("a GGUF file, which is not supported; get the weights as safetensors.");
    }
    if (startsWith(start, 0x89, 'H', 'D', 'F')) {
      return Optional.of(
          "an HDF5 (Keras) file, which is not supported; get the weights as safetensors.");
    }
    if (text.startsWith("TFL3", 4)) {
      return Optional.of(
          "a TensorFlow Lite model, which is not supported; get the weights as safetensors.");
    }
    if (text.startsWith("%PDF")) {
      return Optional.of("a PDF document, not weights.");
    }
    if (startsWith(start, 0x08) && start.length > 3 && start[1] <= 16 && start[2] == 0x12) {
      return Optional.of("an ONNX model, which is not supported; get the weights as safetensors.");
    }
    if (isText(start)) {
      String shown = text.strip().replaceAll("\\s+", " ");
      return Optional.of(
          "a text file, not weights; it begins with \"%s\". %s"
              .formatted(shown.length() > 60 ? shown.substring(0, 60) + "..." : shown, AGAIN));
    }
    return Optional.empty();
  }

  /** Text in any encoding that people use begins with plain characters. */
  private static boolean isText(byte[] start) {
    for (byte b : Arrays.copyOf(start, Math.min(32, start.length))) {
      if (b < 0x20 && b != '\n' && b != '\r' && b != '\t') {
        return false;
      }
    }
    return start.length > 8;
  }

  private static boolean startsWith(byte[] start, int... expected) {
    byte[] bytes = new byte[expected.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) expected[i];
    }
    return start.length >= bytes.length
        && Arrays.equals(start, 0, bytes.length, bytes, 0, bytes.length);
  }
}
