package io.github.controlnet.core.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.engine.WeightSource.DType;
import io.github.controlnet.exception.WeightsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {
  @TempDir Path folder;

  private Path write(String header, int dataBytes) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return write(json.length, json, dataBytes);
  }

  private Path write(long length, byte[] json, int dataBytes) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(length).put(json);
    for (int i = 0; bytes.hasRemaining(); i++) {
      bytes.put((byte) i);
    }
    return Files.write(folder.resolve("file.safetensors"), bytes.array());
  }

  @Test
  void readsTypesShapesAndParts() throws IOException {
    Path path =
        write(
            "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"b\":{\"dtype\":\"BF16\",\"shape\":[2,2],\"data_offsets\":[4,12]},"
                + "\"a\":{\"data_offsets\":[0,4],\"shape\":[],\"dtype\":\"F32\"},"
                + "\"none\":{\"dtype\":\"I64\",\"shape\":[0,7],\"data_offsets\":[12,12]},"
                + "\"f8\":{\"dtype\":\"F8_E8M0\",\"shape\":[3],\"data_offsets\":[12,15]}}    ",
            15);
    try (TensorFile file = TensorFiles.open(path)) {
      assertThat(file.tensors().keySet()).containsExactly("b", "a", "none");
      assertThat(file.tensors().get("b").dtype()).isEqualTo(DType.BF16);
      assertThat(file.tensors().get("b").shape()).containsExactly(2L, 2L);
      assertThat(file.foreign()).containsExactly(java.util.Map.entry("f8", "F8_E8M0"));
      ByteBuffer part = ByteBuffer.allocate(3);
      file.read("b", 5, part);
      assertThat(part.array()).containsExactly(9, 10, 11);
      file.read("none", 0, ByteBuffer.allocate(0));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,8]}}|8|takes 4",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}}|4|takes 8",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}|2|truncated",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}|5|belong to no tensor",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[1,5]}}|5|belong to no tensor",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,0]}}|4|lies at bytes 4 to 0",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[-4,0]}}|4|holds -4",
        "{'a':{'dtype':'F32','shape':[-1],'data_offsets':[0,4]}}|4|holds -1",
        "{'a':{'dtype':'F32','shape':[1.0],'data_offsets':[0,4]}}|4|something else than numbers",
        "{'a':{'dtype':'F32','shape':[99999999999999999999],'data_offsets':[0,4]}}|4|holds 9999",
        "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,0]}}|0|absurd",
        "{'a':{'dtype':'F32','shape':1,'data_offsets':[0,4]}}|4|is not a list",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4,4]}}|4|lacks dtype",
        "{'a':{'shape':[1],'data_offsets':[0,4]}}|4|lacks dtype",
        "{'a':{'dtype':7,'shape':[1],'data_offsets':[0,4]}}|4|not one string",
        "{'a':{'dtype':'F31','shape':[1],'data_offsets':[0,4]}}|4|unknown number type",
        "{'a':7}|0|is not a JSON object",
        "{'a':{'dtype':'U8','shape':[2],'data_offsets':[0,2]},'b':{'dtype':'U8','shape':[2],'data_offsets':[1,3]}}|3|overlap",
        "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},'a':{'dtype':'U8','shape':[1],'data_offsets':[1,2]}}|2|\"a\" twice",
        "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]}} x|1|not valid JSON",
        "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]}}{}|1|goes on",
        "{'a':|0|not valid JSON",
        "{ |0|not valid JSON",
      })
  void refusesDamagedHeaders(String header, int dataBytes, String words) throws IOException {
    Path path = write(header.replace('\'', '"'), dataBytes);
    assertThatThrownBy(() -> TensorFiles.open(path))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("file.safetensors")
        .hasMessageContaining(words);
  }

  @ParameterizedTest
  @CsvSource({
    "-1,its header would have 18446744073709551615 bytes",
    "9223372036854775807,its header would have 9223372036854775807",
    "100000001,its header would have 100000001",
    "50000000,is truncated",
    "3,is truncated"
  })
  void refusesAbsurdHeaderLengths(long length, String words) throws IOException {
    Path path = write(length, "{}".getBytes(StandardCharsets.UTF_8), 0);
    assertThatThrownBy(() -> TensorFiles.open(path))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining(words);
  }

  @Test
  void noticesThatTheFileChanges() throws IOException {
    Path path = write("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", 4);
    try (TensorFile file = TensorFiles.open(path)) {
      file.read("a", 0, ByteBuffer.allocateDirect(4));
      Files.setLastModifiedTime(path, FileTime.from(Instant.parse("2001-02-03T04:05:06Z")));
      assertThatThrownBy(() -> file.read("a", 0, ByteBuffer.allocateDirect(4)))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("has changed since it was opened");
      Files.delete(path);
      assertThatThrownBy(() -> file.read("a", 0, ByteBuffer.allocateDirect(4)))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("has been removed");
    }
  }

  @Test
  void refusesReadsAfterCloseAndOutsideOfTensors() throws IOException {
    Path path = write("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", 4);
    TensorFile file = TensorFiles.open(path);
    assertThatThrownBy(() -> file.read("a", 2, ByteBuffer.allocate(3)))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("it has 4");
    assertThatThrownBy(() -> file.read("a", -1, ByteBuffer.allocate(3)))
        .isInstanceOf(WeightsException.class);
    assertThatThrownBy(() -> file.read("b", 0, ByteBuffer.allocate(1)))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("no tensor \"b\"");
    file.close();
    file.close();
    assertThatThrownBy(() -> file.read("a", 0, ByteBuffer.allocate(1)))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("has been closed");
  }

  @Test
  void anInterruptedReaderDoesNotTakeTheFileFromTheOthers() throws Exception {
    Path path =
        write("{\"a\":{\"dtype\":\"U8\",\"shape\":[9000],\"data_offsets\":[0,9000]}}", 9000);
    byte[] expected = new byte[9000];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (byte) i;
    }
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (TensorFile file = TensorFiles.open(path)) {
      List<Future<Boolean>> results = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        boolean interrupts = i == 0;
        results.add(
            threads.submit(
                () -> {
                  for (int k = 0; k < 300; k++) {
                    if (interrupts) {
                      Thread.currentThread().interrupt();
                    }
                    ByteBuffer buffer = ByteBuffer.allocate(9000);
                    file.read("a", 0, buffer);
                    assertThat(buffer.hasRemaining()).isFalse();
                    assertThat(Thread.interrupted()).isEqualTo(interrupts);
                    if (!Arrays.equals(buffer.array(), expected)) {
                      return false;
                    }
                  }
                  return true;
                }));
      }
      for (Future<Boolean> result : results) {
        assertThat(get(result)).isTrue();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static boolean get(Future<Boolean> result)
      throws InterruptedException, ExecutionException {
    return result.get();
  }
}
