package io.github.controlnet.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.PromptEmbeddings;
import io.github.controlnet.PromptSyntax;
import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.core.fixtures.ReferenceTensors;
import io.github.controlnet.core.text.PromptWeights;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.TextualInversion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Prompts with weights, chunks, stages and learned words against the rules written out in Python.
 */
class PromptParityTest {
  private static final JsonNode CASES = cases();
  private static final ReferenceTensors LATENTS =
      new ReferenceTensors(Fixtures.file("prompts/latents.safetensors"));
  private static final BaseModel TINY = BaseModel.of(Fixtures.tiny());
  private static ControlNetPipeline plain;
  private static ControlNetPipeline learned;

  @BeforeAll
  static void open() {
    plain = ControlNetPipeline.builder().base(TINY).threads(1).build();
    learned =
        ControlNetPipeline.builder()
            .base(TINY)
            .threads(1)
            .embedding(TextualInversion.of(file("my-style.pt")))
            .embedding(TextualInversion.of(file("soft.safetensors")))
            .embedding(new TextualInversion("<cat-toy>", file("learned_embeds.bin")))
            .build();
  }

  @AfterAll
  static void close() {
    learned.close();
    plain.close();
  }

  private static Path file(String name) {
    return Fixtures.file("prompts/" + name);
  }

  private static JsonNode cases() {
    try {
      return new ObjectMapper().readTree(Files.readAllBytes(file("cases.json")));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static Stream<String> names() {
    return CASES.properties().stream()
        .map(Map.Entry::getKey)
        .filter(name -> !name.equals("grammar"));
  }

  private static GenerationRequest.Builder request() {
    return GenerationRequest.builder().size(64, 64).steps(6).guidanceScale(5).seed(42);
  }

  @ParameterizedTest
  @MethodSource("names")
  void latentsAreTheReferences(String name) {
    JsonNode settings = CASES.get(name);
    GenerationRequest.Builder request =
        request()
            .guidanceScale(settings.get("guidance").doubleValue())
            .promptSyntax(PromptSyntax.valueOf(settings.get("syntax").textValue()))
            .clipSkip(settings.get("clipSkip").intValue());
    if (settings.has("given")) {
      float[] both = LATENTS.floats("given.states");
      int half = both.length / 2;
      request.promptEmbeddings(
          new PromptEmbeddings(60, 32, Arrays.copyOf(both, half)),
          new PromptEmbeddings(60, 32, Arrays.copyOfRange(both, half, both.length)));
    } else {
      request
          .prompt(settings.get("prompt").textValue())
          .negativePrompt(settings.get("negative").textValue());
    }
    ControlNetPipeline pipeline = settings.has("embeddings") ? learned : plain;
    float[] latents = pipeline.generate(request.build()).latents().values();
    assertThat(Fixtures.relativeError(latents, LATENTS.floats(name))).isLessThan(1e-4);
    if (!settings.get("off").isNull()) {
      float[] off = LATENTS.floats(settings.get("off").textValue());
      assertThat(Fixtures.relativeError(off, LATENTS.floats(name))).isGreaterThan(1e-2);
    }
  }

  @Test
  void namesOfLearnedWordsAreFoundAsWordsOnly() {
    float[] without = latents(plain, "my-styles and softness, MY_STYLE");
    assertThat(latents(learned, "my-styles and softness, MY_STYLE")).isEqualTo(without);
    float[] named = latents(learned, "a boat, MY-STYLE");
    assertThat(named).isNotEqualTo(latents(plain, "a boat, MY-STYLE"));
    assertThat(latents(learned, "a boat, embedding:my-style")).isEqualTo(named);
  }

  private static float[] latents(ControlNetPipeline pipeline, String prompt) {
    return pipeline
        .generate(request().prompt(prompt).promptSyntax(PromptSyntax.WEIGHTED).build())
        .latents()
        .values();
  }

  @Test
  void grammarIsTheReferences() {
    for (Map.Entry<String, JsonNode> entry : CASES.get("grammar").properties()) {
      List<PromptWeights.Part> parts = PromptWeights.parse(entry.getKey());
      assertThat(parts).as(entry.getKey()).hasSize(entry.getValue().size());
      for (int i = 0; i < parts.size(); i++) {
        assertThat(parts.get(i).text()).isEqualTo(entry.getValue().get(i).get(0).textValue());
        assertThat(parts.get(i).weight())
            .isCloseTo(entry.getValue().get(i).get(1).doubleValue(), Offset.offset(1e-12));
      }
    }
  }
}
