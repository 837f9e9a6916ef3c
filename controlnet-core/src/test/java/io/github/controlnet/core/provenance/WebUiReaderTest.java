package io.github.controlnet.core.provenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.GenerationRequest;
import io.github.controlnet.Guidance;
import io.github.controlnet.Prompt;
import io.github.controlnet.Provenance.ModelSource;
import io.github.controlnet.core.request.SamplerNames;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts of the web UI and of those who write as it does. */
class WebUiReaderTest {
  private static final String USUAL =
      "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 965400086, Size: 512x512";

  private static Recipe read(String text) {
    return Recipe.of(Map.of("parameters", text)).orElseThrow();
  }

  private static GenerationRequest request(Recipe recipe) {
    return recipe.request().build();
  }

  private static String sampler(String text) {
    return request(read(text)).sampling().sampler().orElseThrow().name();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\nTemplate: a {red|blue} cat\nNegative Template: dog",
        "\nTemplate: a {red|blue} cat, Steps: many",
        "\nNegative Template: dog",
        "\nTemplate: a cat\nSteps: 3, Sampler: Heun, Seed: 1, Size: 64x64",
        "\nsome extension's line\nand another: 3",
        "\r\nTemplate: a cat\r\n"
      })
  void linesBehindTheSettingsAreNamed(String behind) {
    Recipe recipe = read("a red cat\nNegative prompt: dog\n" + USUAL + behind);
    GenerationRequest request = request(recipe);
    assertThat(request.prompts().list()).containsExactly(new Prompt("a red cat", "dog"));
    assertThat(request.sampling().steps()).isEqualTo(20);
    assertThat(request.sampling().sampler().orElseThrow().name()).isEqualTo("euler_ancestral");
    assertThat(request.guidance()).isEqualTo(Guidance.of(7));
    assertThat(request.sampling().seeds()).containsExactly(965400086L);
    assertThat(request.output().width()).hasValue(512);
    assertThat(request.output().height()).hasValue(512);
    assertThat(recipe.unmapped())
        .containsExactlyElementsOf(behind.lines().filter(line -> !line.isBlank()).toList());
  }

  @Test
  void aPromptMayLookLikeSettings() {
    Recipe recipe =
        read("Steps: one, two: three, four: five\nsecond\nNegative prompt: bad,\nworse\n" + USUAL);
    assertThat(request(recipe).prompts().list())
        .containsExactly(new Prompt("Steps: one, two: three, four: five\nsecond", "bad,\nworse"));
    assertThat(recipe.unmapped()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "DPM++ 2M, Automatic, dpmpp_2m_karras",
    "DPM2, Automatic, dpm2_karras",
    "DPM2 a, automatic, dpm2_ancestral_karras",
    "DPM++ 2M SDE, Automatic, dpmpp_2m_sde_exponential",
    "DPM++ 3M SDE, Automatic, dpmpp_3m_sde_exponential",
    "Euler, Automatic, euler",
    "LMS, Automatic, lms",
    "Heun, Automatic, heun",
    "DDIM, Automatic, ddim",
    "UniPC, Automatic, unipc",
    "DPM++ 2M, Karras, dpmpp_2m_karras",
    "DPM++ 2M, Uniform, dpmpp_2m",
    "DPM++ 2M, Exponential, dpmpp_2m_exponential",
    "DPM++ 2M Karras, '', dpmpp_2m_karras",
    "DPM++ 2M SDE Exponential, '', dpmpp_2m_sde_exponential",
    "Euler, Karras, euler_karras",
    "Euler, Beta, euler_beta"
  })
  void schedulesAreThoseOfTheWebUi(String name, String schedule, String expected) {
    String type = schedule.isEmpty() ? "" : ", Schedule type: " + schedule;
    Recipe recipe =
        read("a cat\nSteps: 20, Sampler: " + name + type + ", CFG scale: 7, Seed: 1, Size: 64x64");
    assertThat(request(recipe).sampling().sampler().orElseThrow().name()).isEqualTo(expected);
    assertThat(recipe.unmapped()).isEmpty();
  }

  @Test
  void aScheduleThatIsNotHereIsNamed() {
    Recipe recipe =
        read("a\nSteps: 20, Sampler: Euler, Schedule type: SGM Uniform, CFG scale: 7, Seed: 1");
    assertThat(request(recipe).sampling().sampler().orElseThrow().name()).isEqualTo("euler");
    assertThat(recipe.unmapped())
        .singleElement()
        .asString()
        .startsWith("Schedule type: SGM Uniform");
    Recipe other = read("a\nSteps: 20, Sampler: Restart, Schedule type: Karras, CFG scale: 7");
    assertThat(request(other).sampling().sampler()).isEmpty();
    assertThat(other.unmapped())
        .containsExactly("Sampler: Restart (not here)", "Schedule type: Karras");
    assertThat(other.notes()).anyMatch(note -> note.contains("does not tell Seed, Size"));
    assertThat(sampler("a\nSteps: 2, Sampler: Euler a Karras, Seed: 1"))
        .isEqualTo("euler_ancestral");
  }

  @Test
  void whatIsWrittenWithoutKarrasIsReadSo() {
    assertThat(SamplerNames.needsUniform("dpmpp_2m")).isTrue();
    assertThat(sampler("a\nSteps: 1, Sampler: DPM++ 2M, Schedule type: Uniform, Seed: 1"))
        .isEqualTo("dpmpp_2m");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Eta: 1.5",
        "Clip skip: 0",
        "Clip skip: 65",
        "Clip skip: two",
        "Eta: NaN",
        "Eta: 0.5",
        "ENSD: 31337",
        "NGMS: 0.2",
        "Token merging ratio: 0.5",
        "RNG: CPU",
        "Module 1: ae",
        "Distilled CFG Scale: 3.5",
        "Hires upscale: 2"
      })
  void furtherValuesAreNamed(String setting) {
    Recipe recipe = read("a cat\n" + USUAL + ", " + setting + ", Version: v1.10.1");
    GenerationRequest request = request(recipe);
    assertThat(request.sampling().eta()).isZero();
    assertThat(request.prompts().clipSkip()).isEqualTo(1);
    assertThat(recipe.unmapped()).singleElement().asString().startsWith(setting);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Steps: 0",
        "Steps: 20.5",
        "Steps: 99999999999",
        "CFG scale: Infinity",
        "CFG scale: 1e999",
        "CFG scale: seven",
        "Seed: -5",
        "Seed: 18446744073709551615",
        "Size: 500x333",
        "Size: 512",
        "Size: 4x4",
        "Size: 0x99999999999999"
      })
  void valuesOutOfRangeAreNamedAndLeft(String setting) {
    String name = setting.substring(0, setting.indexOf(':'));
    StringBuilder line = new StringBuilder("Sampler: Euler a, Clip skip: 2");
    for (String each : USUAL.split(", ", -1)) {
      line.append(", ").append(each.startsWith(name + ":") ? setting : each);
    }
    Recipe recipe = read("a cat\n" + line);
    GenerationRequest usual = GenerationRequest.builder().build();
    GenerationRequest request = request(recipe);
    assertThat(request.prompts().clipSkip()).isEqualTo(2);
    switch (name) {
      case "Steps" -> assertThat(request.sampling().steps()).isEqualTo(usual.sampling().steps());
      case "CFG scale" -> assertThat(request.guidance()).isEqualTo(usual.guidance());
      case "Seed" -> assertThat(request.sampling().seeds()).isEqualTo(usual.sampling().seeds());
      default -> assertThat(request.output().width()).isEqualTo(usual.output().width());
    }
    assertThat(recipe.unmapped()).anyMatch(what -> what.startsWith(setting));
  }

  @Test
  void etaIsOfDdim() {
    Recipe recipe = read("a\nSteps: 2, Sampler: DDIM, Eta DDIM: 0.5, Seed: 1");
    assertThat(request(recipe).sampling().eta()).isEqualTo(0.5);
    assertThat(recipe.unmapped()).isEmpty();
  }

  private static String model(String text) {
    return read("a cat\nSteps: 20, Sampler: Euler, Seed: 1, Model: " + text)
        .model(ModelSource.BASE)
        .orElseThrow()
        .name();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"C:\\\\new\\\\mini, v2\" | C:\\new\\mini, v2",
        "\"a \\\"b\\\": c\" | a \"b\": c",
        "\"caf\\u00e9, x\" | caf\u00e9, x",
        "\"\\ttab, x\\/y\" | tab, x/y",
        "C:\\new | C:\\new",
        "\"open, x | \"open",
        "\"wrong \\x, y\" | \"wrong \\x, y\"",
        "\"two\" words | \"two\" words"
      })
  void valuesAreQuotedAsJson(String written, String expected) {
    assertThat(model(written).strip()).isEqualTo(expected);
  }

  @Test
  void whatTheWriterQuotesIsReadBack() {
    for (String value : List.of("a, b", "C:\\new", "x: \"y\"", "l\u2028m, \t\n", "\\n, \\\\")) {
      String quoted =
          com.fasterxml.jackson.databind.node.JsonNodeFactory.instance.textNode(value).toString();
      assertThat(SettingsLine.of("a: 1, b: " + quoted + ", c: 2").pairs())
          .isEqualTo(Map.of("a", "1", "b", value, "c", "2"));
    }
  }

  @Test
  void listsAndObjectsAreOneValue() {
    SettingsLine line =
        SettingsLine.of(
            "Steps: 20, Hashes: {\"vae\": \"73\", \"model\": \"a]b\"}, Civitai resources:"
                + " [{\"type\":\"checkpoint\",\"id\":1}], Created Date: 2024-01-01T10:20:30Z, , odd"
                + " (text) Last: x, Last: y, tail");
    assertThat(line.pairs())
        .containsEntry("Hashes", "{\"vae\": \"73\", \"model\": \"a]b\"}")
        .containsEntry("Civitai resources", "[{\"type\":\"checkpoint\",\"id\":1}]")
        .containsEntry("Created Date", "2024-01-01T10:20:30Z")
        .containsEntry("Last", "y");
    assertThat(line.rest()).containsExactly("odd (text)", "Last: x", "tail");
  }

  @Test
  void controlUnitsAreNamedWhole() {
    String unit = "Module: canny, Model: control_v11p [d14c016b], Weight: 1, Threshold A: 100";
    assertThat(
            read("a\n" + USUAL + ", ControlNet 0: \"" + unit + "\", TI hashes: \"x: 1\"")
                .unmapped())
        .containsExactly(
            "ControlNet 0: " + unit + " (its picture is not inside)", "TI hashes: x: 1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a cat <lora:fur:0.8> | a cat | <lora:fur:0.8>",
        "<lyco:a:1:2>a <b> cat | a <b> cat | <lyco:a:1:2>",
        "a cat AND a dog | a cat | \"AND a dog\"",
        "a cat :1.2 AND a dog:0.8 AND x | a cat | \"AND a dog:0.8 AND x\"",
        "AND a dog | a dog | ",
        "a BRAND, 1 < 2 > 0, <:x> <a:> | a BRAND, 1 < 2 > 0, <:x> <a:> | ",
        "<hypernet:h:1><lora:x:1> | | <hypernet:h:1>"
      })
  void whatPromptsAddIsNotPainted(String prompt, String painted, String named) {
    Recipe recipe = read(prompt + "\nNegative prompt: bad <lora:n:1> AND ugly\n" + USUAL);
    Prompt made = request(recipe).prompts().list().get(0);
    assertThat(made.text()).isEqualTo(painted == null ? "" : painted);
    assertThat(made.negative()).isEqualTo("bad  AND ugly");
    assertThat(recipe.unmapped()).anyMatch(what -> what.startsWith("negative prompt: <lora:n:1>"));
    if (named != null) {
      assertThat(recipe.unmapped()).anyMatch(what -> what.startsWith("prompt: " + named));
    }
    assertThat(
            recipe.notes().stream()
                .anyMatch(note -> note.contains("prompt in the record is empty")))
        .isEqualTo(made.text().isEmpty());
    assertThat(recipe.isPromptUnread()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "only a text",
        "a\nSteps: 20",
        "",
        "{\"prompt\": \"a\", \"steps\": 30, \"seed\": 1}",
        "Seed: 1, Size: 64x64, Model: x"
      })
  void otherTextsTellNothing(String text) {
    assertThat(Recipe.of(Map.of("parameters", text))).isEmpty();
  }

  @Test
  void longAndCrookedTextsAreReadInTime() {
    int length = 1_000_000;
    String start = "a star\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 1, Size: 64x64, ";
    List<String> crooked =
        List.of(
            "Hires prompt: \"" + "x".repeat(length) + "\"",
            "Hires prompt: \"" + "\\\"".repeat(length) + "\"",
            "Hires prompt: \"" + "\\\\".repeat(length),
            "a: \"".repeat(length / 4),
            "a: [, ".repeat(length / 4),
            ",".repeat(length) + "a: 1",
            " ".repeat(length) + ": 1",
            "(".repeat(length) + "a:",
            "<a:".repeat(length / 3));
    org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
        Duration.ofMinutes(1),
        () -> {
          for (String text : crooked) {
            Recipe recipe = read(start + text);
            assertThat(request(recipe).sampling().steps()).isEqualTo(20);
            assertThat(String.join("", recipe.unmapped()).length()).isLessThan(20_000);
          }
          for (String prompt : List.of("<a:", "<a:b", "AND ", "<", "a\n", "Negative prompt:\n")) {
            Recipe recipe = read(prompt.repeat(length / 4) + "\n" + USUAL);
            assertThat(request(recipe).sampling().steps()).isEqualTo(20);
          }
        });
  }

  @Test
  void promptsThatAreTooLongAreNamedAndNotCut() {
    Recipe recipe = read("x ".repeat(50_000) + "\nNegative prompt: bad\n" + USUAL);
    assertThat(recipe.isPromptUnread()).isTrue();
    assertThat(recipe.unmapped()).singleElement().asString().startsWith("prompt: The prompt has");
    assertThat(request(recipe).prompts().list()).containsExactly(new Prompt("", "bad"));
    Recipe other = read("a cat\nNegative prompt: " + "x ".repeat(50_000) + "\n" + USUAL);
    assertThat(other.isPromptUnread()).isFalse();
    assertThat(other.unmapped()).singleElement().asString().startsWith("negative prompt (");
    assertThat(request(other).prompts().list()).containsExactly(new Prompt("a cat", ""));
  }

  @Test
  void namesAreFitForATerminal() {
    Recipe recipe = read("a\n" + USUAL + ", Odd: \"x\\u001b[31m, \\r\\n\\u0085y\"");
    assertThat(recipe.unmapped()).containsExactly("Odd: x [31m,    y");
  }

  @Test
  void aTextThatTellsNothingDoesNotHideAGraph() {
    String graph =
        "{\"1\": {\"class_type\": \"KSampler\", \"inputs\": {\"seed\": 4, \"steps\": 3}}}";
    assertThat(Recipe.of(Map.of("parameters", "nothing", "prompt", graph)).orElseThrow().origin())
        .isEqualTo(Recipe.Origin.COMFY_UI);
  }
}
