package io.github.controlnet.core.training;

import io.github.controlnet.engine.WeightSource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.TreeMap;

/**
 * Tells whether weights are those of before, wherever their files lie now. Of every tensor the
 * name, the type, the shape and the first values count: a model of other weights differs in those,
 * and no gigabytes are read.
 */
final class Fingerprint {
  private static final int BYTES = 4096;

  private Fingerprint() {}

  static String of(WeightSource... sources) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (WeightSource source : sources) {
        new TreeMap<>(source.tensors())
            .forEach(
                (name, info) -> {
                  String about = "%s %s %s\n".formatted(name, info.dtype(), info.shape());
                  digest.update(about.getBytes(StandardCharsets.UTF_8));
                  ByteBuffer start = ByteBuffer.allocate((int) Math.min(BYTES, info.byteSize()));
                  source.read(name, 0, start);
                  digest.update(start.flip());
                });
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // in every JDK
    }
  }
}
