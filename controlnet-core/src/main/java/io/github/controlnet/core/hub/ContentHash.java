package io.github.controlnet.core.hub;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Computes what a blob is named by: SHA-256, or for files that git itself holds the SHA-1 of {@code
 * blob SIZE NUL content}. Other names say nothing of the content, and nothing is computed.
 */
final class ContentHash {
  private final @Nullable MessageDigest digest;

  private ContentHash(@Nullable MessageDigest digest) {
    this.digest = digest;
  }

  static ContentHash of(RemoteFile file) {
    try {
      if (file.etag().matches("[0-9a-f]{64}")) {
        return new ContentHash(MessageDigest.getInstance("SHA-256"));
      }
      if (file.etag().matches("[0-9a-f]{40}") && file.size() >= 0) {
        MessageDigest git = MessageDigest.getInstance("SHA-1");
        git.update(("blob " + file.size() + "\0").getBytes(StandardCharsets.US_ASCII));
        return new ContentHash(git);
      }
      return new ContentHash(null);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256 and SHA-1", e);
    }
  }

  /** Takes the bytes between position and limit; the buffer stays as it is. */
  void update(ByteBuffer bytes) {
    if (digest != null) {
      digest.update(bytes.duplicate());
    }
  }

  /** Ends the computation. */
  Optional<String> value() {
    return digest == null
        ? Optional.empty()
        : Optional.of(HexFormat.of().formatHex(digest.digest()));
  }
}
