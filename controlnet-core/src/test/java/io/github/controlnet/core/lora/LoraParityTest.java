package io.github.controlnet.core.lora;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.core.family.Role;
import io.github.controlnet.core.files.FloatFormats;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.fixtures.ReferenceTensors;
import io.github.controlnet.core.weights.BaseWeights;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Merged weights of every layout and method against LyCORIS, PEFT and the formulas. */
class LoraParityTest {
  private static final JsonNode CASES = cases();
  private static final ReferenceTensors MERGED =
      new ReferenceTensors(Fixtures.file("lora/merged.safetensors"));
  private static BaseWeights base;
  private static BaseModules modules;

  @BeforeAll
  static void open() {
    base = BaseWeights.open(Fixtures.tiny(), Optional.empty());
    modules = LoraFiles.modules(base);
  }

  @AfterAll
  static void close() {
    base.close();
  }

  private static JsonNode cases() {
    try {
      return new ObjectMapper()
          .readTree(Files.readAllBytes(Fixtures.file("lora/cases.json")))
          .get("merged");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static Stream<String> names() {
    return CASES.properties().stream().map(Map.Entry::getKey);
  }

  @ParameterizedTest
  @MethodSource("names")
  void mergedWeightsAreTheReferences(String name) {
    JsonNode settings = CASES.get(name);
    double scale = settings.get("scale").doubleValue();
    try (LoraFile file = LoraFile.open(Fixtures.file("lora/" + settings.get("file").textValue()))) {
      LoraChanges changes = modules.changes(file, false);
      Set<String> expected = new HashSet<>();
      Set<String> changed = new HashSet<>();
      Map<String, Role> roles = Map.of("unet.", Role.UNET, "text.", Role.TEXT_ENCODER);
      roles.forEach(
          (prefix, role) -> {
            WeightSource own = role == Role.UNET ? base.unetWeights() : base.textEncoderWeights();
            AdaptedWeights adapted =
                new AdaptedWeights(own, role, List.of(new AdaptedWeights.Term(changes, scale)));
            changes.weights(role).forEach(weight -> changed.add(prefix + weight));
            String start = name + "|" + prefix;
            for (String key : MERGED.tensors().keySet()) {
              if (key.startsWith(start)) {
                String weight = key.substring(start.length());
                expected.add(prefix + weight);
                float[] reference = MERGED.floats(key);
                assertThat(Fixtures.relativeError(read(adapted, weight), reference))
                    .as(key)
                    .isLessThan(1e-6);
                assertThat(Fixtures.relativeError(read(own, weight), reference))
                    .as(key)
                    .isGreaterThan(1e-2);
              }
            }
          });
      assertThat(changed).containsAll(expected);
      if (!name.equals("negative")) { // which looks at the U-Net alone
        assertThat(changed).isEqualTo(expected);
      }
    }
  }

  private static float[] read(WeightSource source, String name) {
    TensorInfo info = source.tensors().get(name);
    assertThat(info).as(name).isNotNull();
    ByteBuffer bytes = ByteBuffer.allocate((int) info.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
    source.read(name, 0, bytes);
    float[] values = new float[(int) info.count()];
    FloatFormats.read(info.dtype(), bytes.flip(), values, values.length);
    return values;
  }
}
