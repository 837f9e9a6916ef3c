package io.github.controlnet.core.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a TorchScript archive: a zip, stored, with the source of one module and a pickle of its
 * only attribute, the empty dictionary {@code w}.
 */
final class ScriptArchive {
  /** The class that the source must define. */
  static final String CLASS = "Network";

  private static final String FOLDER = "network/";

  private ScriptArchive() {}

  static byte[] of(String source) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setMethod(ZipOutputStream.STORED);
      add(zip, "data.pkl", pickle());
      add(zip, "code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
      add(zip, "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
      add(zip, "version", "3\n".getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory only
    }
    return bytes.toByteArray();
  }

  private static void add(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry(FOLDER + name);
    entry.setSize(content.length);
    entry.setCompressedSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  private static byte[] pickle() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0x80); // protocol 2
    out.write(2);
    ascii(out, "c__torch__\n" + CLASS + "\n)\u0081}(");
    string(out, "w");
    ascii(out, "ctorch.jit._pickle\nrestore_type_tag\n(}");
    string(out, "Dict[str, Tensor]");
    ascii(out, "tRub.");
    return out.toByteArray();
  }

  private static void string(ByteArrayOutputStream out, String text) {
    out.write('X');
    out.write(text.length());
    out.write(0);
    out.write(0);
    out.write(0);
    ascii(out, text);
  }

  private static void ascii(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
