package io.github.controlnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.Latents;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LatentsFileTest {
  @TempDir private Path folder;

  static JsonNode header(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int length = Math.toIntExact(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong());
    return new ObjectMapper().readTree(Arrays.copyOfRange(bytes, 8, 8 + length));
  }

  @Test
  void theFileIsSafetensors() throws IOException {
    float[] values = new float[2 * 4 * 3 * 5];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i);
    }
    Path file = folder.resolve("latents.safetensors");
    LatentsFile.write(file, new Latents(2, 4, 3, 5, values));

    JsonNode entry = header(file).get("latents");
    assertThat(entry.get("dtype").asText()).isEqualTo("F32");
    assertThat(entry.get("shape")).hasToString("[2,4,3,5]");
    assertThat(entry.get("data_offsets")).hasToString("[0,480]");
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int start = 8 + (int) bytes.getLong();
    assertThat(start % 8).isZero();
    assertThat(bytes.capacity()).isEqualTo(start + 480);
    float[] back = new float[values.length];
    bytes.position(start).asFloatBuffer().get(back);
    assertThat(back).containsExactly(values);
  }
}
