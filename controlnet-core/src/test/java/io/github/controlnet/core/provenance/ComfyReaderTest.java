package io.github.controlnet.core.provenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.GenerationRequest;
import io.github.controlnet.Guidance;
import io.github.controlnet.Prompt;
import io.github.controlnet.Provenance.ModelSource;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Graphs of ComfyUI. */
class ComfyReaderTest {
  private static final String BASE =
      "\"4\": {\"class_type\": \"CheckpointLoaderSimple\", \"inputs\": {\"ckpt_name\": \"m.safetensors\"}}";
  private static final String LATENTS =
      "\"5\": {\"class_type\": \"EmptyLatentImage\", \"inputs\": {\"width\": 128, \"height\": 64, \"batch_size\": 1}}";
  private static final String TEXTS =
      "\"6\": {\"class_type\": \"CLIPTextEncode\", \"inputs\": {\"text\": \"red circle\", \"clip\": [\"4\", 1]}},"
          + "\"7\": {\"class_type\": \"CLIPTextEncode\", \"inputs\": {\"text\": \"green\", \"clip\": [\"4\", 1]}}";
  private static final String SAVED =
      "\"8\": {\"class_type\": \"VAEDecode\", \"inputs\": {\"samples\": [\"3\", 0], \"vae\": [\"4\", 2]}},"
          + "\"9\": {\"class_type\": \"SaveImage\", \"inputs\": {\"images\": [\"8\", 0], \"filename_prefix\": \"x\"}}";

  private static String node(String id, String type, String inputs) {
    return "\"%s\": {\"class_type\": \"%s\", \"inputs\": {%s}}".formatted(id, type, inputs);
  }

  private static String sampler(String more) {
    return "\"seed\": 42, \"steps\": 20, \"cfg\": 8.0, \"sampler_name\": \"euler\", \"scheduler\": \"normal\","
        + "\"denoise\": 1.0, \"model\": [\"4\", 0], \"positive\": [\"6\", 0], \"negative\": [\"7\", 0],"
        + "\"latent_image\": [\"5\", 0]"
        + more;
  }

  /** Python keeps the last of two inputs of one name, and so does the reader. */
  private static Recipe with(String more, String... nodes) {
    return graph(
        node("3", "KSampler", sampler(more)),
        BASE,
        LATENTS,
        TEXTS,
        SAVED,
        nodes.length == 0 ? "\"x\": 0" : String.join(",", nodes));
  }

  private static Recipe graph(String... nodes) {
    return Recipe.of(Map.of("prompt", "{" + String.join(",", nodes) + "}")).orElseThrow();
  }

  private static GenerationRequest request(Recipe recipe) {
    return recipe.request().build();
  }

  private static void assertUsual(Recipe recipe) {
    GenerationRequest request = request(recipe);
    assertThat(request.prompts().list()).containsExactly(new Prompt("red circle", "green"));
    assertThat(request.sampling().seeds()).containsExactly(42L);
    assertThat(request.sampling().steps()).isEqualTo(20);
    assertThat(request.guidance()).isEqualTo(Guidance.of(8));
    assertThat(request.sampling().sampler().orElseThrow().name()).isEqualTo("euler");
    assertThat(request.output().width()).hasValue(128);
    assertThat(request.output().height()).hasValue(64);
    assertThat(recipe.model(ModelSource.BASE).orElseThrow().name()).isEqualTo("m.safetensors");
  }

  @Test
  void everythingOfAPlainGraphIsTaken() {
    Recipe recipe = with("");
    assertUsual(recipe);
    assertThat(recipe.unmapped()).isEmpty();
    assertThat(recipe.isPromptUnread()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"NaN", "Infinity", "-Infinity", "[NaN, {\"a\": Infinity}]"})
  void numbersThatAreNoJsonAreRead(String value) {
    String plain = node("3", "KSampler", sampler(""));
    Recipe beside =
        graph(
            plain.substring(0, plain.length() - 1) + ", \"is_changed\": " + value + "}",
            BASE,
            LATENTS,
            TEXTS,
            SAVED);
    assertUsual(beside);
    assertThat(beside.unmapped()).isEmpty();
    Recipe inside = with(", \"own\": " + value);
    assertUsual(inside);
    assertThat(inside.unmapped()).singleElement().asString().startsWith("KSampler, node 3: own ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"cfg\": NaN | cfg: it is NaN",
        "\"cfg\": null | cfg: it is not told",
        "\"cfg\": [\"77\", 0] | cfg: it comes from node 77, which is not there",
        "\"steps\": 0 | steps: 0",
        "\"steps\": 2.5 | steps: 2.5",
        "\"seed\": 18446744073709551615 | seed: 18446744073709551615",
        "\"seed\": -7 | seed: -7",
        "\"denoise\": 0.5 | KSampler, node 3: denoise 0.5",
        "\"sampler_name\": \"dpm_adaptive\" | sampler_name: dpm_adaptive (not here)",
        "\"scheduler\": \"sgm_uniform\" | scheduler: sgm_uniform",
        "\"latent_image\": [\"4\", 0] | size: it does not come from empty latents",
        "\"negative\": [\"5\", 0] | negative prompt: it comes from EmptyLatentImage, node 5"
      })
  void whatIsNotTakenIsNamed(String input, String named) {
    Recipe recipe = with(", " + input);
    request(recipe);
    assertThat(recipe.unmapped()).anyMatch(what -> what.startsWith(named));
  }

  @Test
  void samplersOfPartsAreRead() {
    Recipe recipe =
        graph(
            node("13", "KSamplerSelect", "\"sampler_name\": \"euler\""),
            node(
                "14",
                "SamplerCustom",
                "\"add_noise\": true, \"noise_seed\": 123, \"cfg\": 8.0, \"model\": [\"4\", 0], \"positive\": [\"6\", 0],"
                    + "\"negative\": [\"7\", 0], \"sampler\": [\"13\", 0], \"sigmas\": [\"15\", 0], \"latent_image\": [\"5\", 0]"),
            node(
                "15",
                "BasicScheduler",
                "\"scheduler\": \"karras\", \"steps\": 12, \"denoise\": 1.0, \"model\": [\"4\", 0]"),
            BASE,
            LATENTS,
            TEXTS);
    GenerationRequest request = request(recipe);
    assertThat(request.prompts().list()).containsExactly(new Prompt("red circle", "green"));
    assertThat(request.sampling().seeds()).containsExactly(123L);
    assertThat(request.sampling().steps()).isEqualTo(12);
    assertThat(request.sampling().sampler().orElseThrow().name()).isEqualTo("euler_karras");
    assertThat(request.guidance()).isEqualTo(Guidance.of(8));
    assertThat(request.output().width()).hasValue(128);
    assertThat(recipe.unmapped()).isEmpty();
  }

  private static Recipe advanced(String guider, String sigmas, String method) {
    return graph(
        node(
            "20",
            "SamplerCustomAdvanced",
            "\"noise\": [\"21\", 0], \"guider\": [\"22\", 0], \"sampler\": [\"23\", 0], \"sigmas\": [\"24\", 0], \"latent_image\": [\"5\", 0]"),
        node("21", "RandomNoise", "\"noise_seed\": 9"),
        guider,
        method,
        sigmas,
        BASE,
        LATENTS,
        TEXTS,
        SAVED.replace("\"3\"", "\"20\""));
  }

  @Test
  void advancedSamplersAreRead() {
    String cfg =
        node(
            "22",
            "CFGGuider",
            "\"cfg\": 5, \"model\": [\"4\", 0], \"positive\": [\"6\", 0], \"negative\": [\"7\", 0]");
    String karras =
        node(
            "24",
            "KarrasScheduler",
            "\"steps\": 11, \"sigma_max\": 14.614642, \"sigma_min\": 0.0291675, \"rho\": 7.0");
    String select = node("23", "KSamplerSelect", "\"sampler_name\": \"dpmpp_2m_sde_gpu\"");
    Recipe recipe = advanced(cfg, karras, select);
    GenerationRequest request = request(recipe);
    assertThat(request.prompts().list()).containsExactly(new Prompt("red circle", "green"));
    assertThat(request.sampling().seeds()).containsExactly(9L);
    assertThat(request.sampling().steps()).isEqualTo(11);
    assertThat(request.guidance()).isEqualTo(Guidance.of(5));
    assertThat(request.sampling().sampler().orElseThrow().name()).isEqualTo("dpmpp_2m_sde_karras");
    assertThat(recipe.unmapped()).isEmpty();

    Recipe basic =
        advanced(
            node("22", "BasicGuider", "\"model\": [\"4\", 0], \"conditioning\": [\"6\", 0]"),
            node("24", "SplitSigmas", "\"sigmas\": [\"25\", 0], \"step\": 3"),
            node("23", "SamplerEulerAncestral", "\"eta\": 0.5, \"s_noise\": 1.0"));
    assertThat(request(basic).guidance()).isEqualTo(Guidance.of(1));
    assertThat(request(basic).prompts().list()).containsExactly(new Prompt("red circle", ""));
    assertThat(request(basic).sampling().sampler().orElseThrow().name())
        .isEqualTo("euler_ancestral");
    assertThat(basic.unmapped())
        .contains("steps: it is not told", "scheduler: it is not told")
        .anyMatch(what -> what.startsWith("SamplerEulerAncestral, node 23: eta 0.5"))
        .anyMatch(what -> what.startsWith("SplitSigmas, node 24: step 3"));

    Recipe rho = advanced(cfg, karras.replace("7.0", "5.0"), select);
    assertThat(rho.unmapped()).containsExactly("KarrasScheduler, node 24: rho 5.0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PrimitiveNode | \"value\": \"a hat\" | a hat",
        "PrimitiveStringMultiline | \"value\": \"a hat\" | a hat",
        "String Literal | \"string\": \"a hat\" | a hat",
        "SomebodysText | \"words\": \"a hat\" | a hat",
        "StringConcatenate | \"string_a\": \"a\", \"string_b\": \"hat\", \"delimiter\": \" \" | a hat",
        "StringConcatenate | \"string_a\": [\"31\", 0], \"string_b\": \"hat\", \"delimiter\": \", \" | blue, hat",
        "JoinStringMulti | \"inputcount\": 3, \"string_10\": \"z\", \"string_2\": \"y\", \"string_1\": [\"31\", 0], \"delimiter\": \"-\" | blue-y-z",
        "Text Concatenate | \"text_a\": \" a \", \"text_b\": \"\", \"text_c\": \"hat\", \"delimiter\": \", \", \"clean_whitespace\": \"true\" | a, hat",
        "`ShowText|pysssss` | \"text\": [\"31\", 0], \"text_0\": \"old\" | blue"
      },
      quoteCharacter = '`')
  void textsOfOtherNodesAreFollowed(String type, String inputs, String expected) {
    Recipe recipe = prompted(type, inputs);
    assertThat(request(recipe).prompts().list()).containsExactly(new Prompt(expected, "green"));
    assertThat(recipe.unmapped()).isEmpty();
    assertThat(recipe.isPromptUnread()).isFalse();
  }

  private static Recipe prompted(String type, String inputs) {
    return with(
        ", \"positive\": [\"40\", 0]",
        node("40", "CLIPTextEncode", "\"clip\": [\"4\", 1], \"text\": [\"30\", 0]"),
        node("30", type, inputs),
        node("31", "PrimitiveString", "\"value\": \"blue\""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DPRandomGenerator | \"text\": \"a {b,c}\", \"seed\": 3",
        "Random Line | \"text\": \"a\"",
        "StringFunction | \"action\": \"append\", \"text_a\": \"a\"",
        "StringConcatenate | \"string_a\": [\"30\", 0], \"string_b\": \"x\"",
        "StringConcatenate | \"prefix\": \"a\", \"prompt\": \"x\"",
        "PrimitiveString | \"value\": null",
        "PrimitiveString | \"value\": {\"a\": 1}"
      },
      quoteCharacter = '`')
  void aPromptThatIsNotReadIsSaid(String type, String inputs) {
    Recipe recipe = prompted(type, inputs);
    assertThat(recipe.isPromptUnread()).isTrue();
    assertThat(recipe.unmapped()).anyMatch(what -> what.startsWith("prompt: it "));
    assertThat(request(recipe).prompts().list()).containsExactly(new Prompt("", "green"));
  }

  @Test
  void anEmptyPromptIsSaid() {
    Recipe recipe =
        with(
            ", \"positive\": [\"40\", 0]",
            node("40", "CLIPTextEncode", "\"clip\": [\"4\", 1], \"text\": \" \""));
    assertThat(recipe.isPromptUnread()).isFalse();
    assertThat(recipe.notes()).contains("The prompt in the record is empty.");
  }

  @Test
  void numbersOfOtherNodesAreFollowed() {
    Recipe recipe =
        with(
            ", \"seed\": [\"50\", 0], \"steps\": [\"51\", 0], \"cfg\": [\"52\", 0], \"latent_image\": [\"53\", 0]",
            node("50", "Seed (rgthree)", "\"seed\": 6687881544318117707"),
            node("51", "PrimitiveInt", "\"value\": 7, \"control_after_generate\": \"fixed\""),
            node("52", "FloatConstant", "\"value\": 2.5"),
            node(
                "53",
                "EmptyLatentImage",
                "\"width\": [\"54\", 0], \"height\": [\"54\", 0], \"batch_size\": 2"),
            node("54", "INTConstant", "\"value\": 320"));
    GenerationRequest request = request(recipe);
    assertThat(request.sampling().seeds()).containsExactly(6687881544318117707L);
    assertThat(request.sampling().steps()).isEqualTo(7);
    assertThat(request.guidance()).isEqualTo(Guidance.of(2.5));
    assertThat(request.output().width()).hasValue(320);
    assertThat(request.output().imagesPerPrompt()).isEqualTo(2);
    assertThat(recipe.unmapped()).isEmpty();
    assertThat(
            with(
                    ", \"steps\": [\"51\", 0]",
                    node("51", "MathExpression", "\"expression\": \"a*2\", \"a\": 4"))
                .unmapped())
        .contains("steps: it comes from MathExpression, node 51, which is not read");
  }

  @Test
  void eachConditioningGoesToItsOwnPrompt() {
    Recipe recipe =
        with(
            ", \"positive\": [\"60\", 0], \"negative\": [\"60\", 1]",
            node(
                "60",
                "ControlNetApplyAdvanced",
                "\"strength\": 0.7, \"start_percent\": 0.0, \"end_percent\": 0.8, \"positive\": [\"6\", 0], \"negative\": [\"7\", 0],"
                    + "\"control_net\": [\"61\", 0], \"image\": [\"62\", 0]"),
            node("61", "ControlNetLoader", "\"control_net_name\": \"canny.pth\""),
            node("62", "LoadImage", "\"image\": \"edges.png\", \"upload\": \"image\""));
    assertThat(request(recipe).prompts().list()).containsExactly(new Prompt("red circle", "green"));
    assertThat(recipe.unmapped())
        .containsExactly(
            "control 1: canny.pth with strength 0.7, start_percent 0.0, end_percent 0.8;"
                + " its picture is not inside, give it again",
            "LoadImage, node 62: image edges.png");
    assertThat(recipe.model(ModelSource.control(1)).orElseThrow().name()).isEqualTo("canny.pth");
  }

  @ParameterizedTest
  @CsvSource({"Context (rgthree), 4, 5, 6", "ApplyInstantID, 1, 2, 6"})
  void promptsThatFollowOtherOutputsStayTheirOwn(
      String type, int positive, int negative, int latent) {
    Recipe recipe =
        with(
            ", \"positive\": [\"60\", %d], \"negative\": [\"60\", %d], \"latent_image\": [\"60\", %d]"
                .formatted(positive, negative, latent),
            node(
                "60",
                type,
                "\"model\": [\"4\", 0], \"positive\": [\"6\", 0], \"negative\": [\"7\", 0], \"latent\": [\"5\", 0]"));
    assertUsual(recipe);
    assertThat(recipe.unmapped()).containsExactly(type + ", node 60");
  }

  @Test
  void conditioningsThatAreCombinedAreNamed() {
    Recipe combined =
        with(
            ", \"positive\": [\"70\", 0]",
            node(
                "70",
                "ConditioningCombine",
                "\"conditioning_1\": [\"6\", 0], \"conditioning_2\": [\"71\", 0]"),
            node("71", "CLIPTextEncode", "\"clip\": [\"4\", 1], \"text\": \"a dog\""));
    assertThat(request(combined).prompts().list())
        .containsExactly(new Prompt("red circle", "green"));
    assertThat(combined.unmapped())
        .containsExactly("ConditioningCombine, node 70", "CLIPTextEncode, node 71: text a dog");
    Recipe joined =
        with(
            ", \"positive\": [\"70\", 0]",
            node(
                "70",
                "ConditioningConcat",
                "\"conditioning_to\": [\"6\", 0], \"conditioning_from\": [\"71\", 0]"),
            node("71", "CLIPTextEncode", "\"clip\": [\"4\", 1], \"text\": \"a dog\""));
    assertThat(request(joined).prompts().list().get(0).text()).isEqualTo("red circle BREAK a dog");
    assertThat(joined.unmapped()).isEmpty();
    Recipe zero =
        with(
            ", \"negative\": [\"70\", 0]",
            node("70", "ConditioningZeroOut", "\"conditioning\": [\"6\", 0]"));
    assertThat(request(zero).prompts().list()).containsExactly(new Prompt("red circle", ""));
    assertThat(zero.unmapped()).containsExactly("ConditioningZeroOut, node 70");
  }

  @Test
  void modelsAndTheirPartsAreReadOrNamed() {
    Recipe recipe =
        with(
            ", \"model\": [\"80\", 0], \"positive\": [\"82\", 0]",
            node(
                "80",
                "LoraLoader",
                "\"lora_name\": \"fur.safetensors\", \"strength_model\": 0.8, \"strength_clip\": 1.0, \"model\": [\"4\", 0], \"clip\": [\"4\", 1]"),
            node("81", "CLIPSetLastLayer", "\"stop_at_clip_layer\": -2, \"clip\": [\"80\", 1]"),
            node(
                "82",
                "CLIPTextEncode",
                "\"clip\": [\"81\", 0], \"text\": \"a (cat:1.2) [sat] embedding:word <lora:x:1>\""));
    assertThat(request(recipe).prompts().clipSkip()).isEqualTo(2);
    assertThat(request(recipe).prompts().list().get(0).text())
        .isEqualTo("a (cat:1.2) \\[sat\\] word");
    assertThat(recipe.model(ModelSource.BASE).orElseThrow().name()).isEqualTo("m.safetensors");
    assertThat(recipe.unmapped())
        .containsExactly(
            "prompt: <lora:x:1> (networks are not added here)",
            "LoraLoader, node 80: lora_name fur.safetensors, strength_model 0.8, strength_clip 1.0");
    assertThat(recipe.notes()).anyMatch(note -> note.contains("names embeddings"));
  }

  @Test
  void nodesThatPassOnAreFollowed() {
    Recipe recipe =
        with(
            ", \"model\": [\"r1\", 0], \"positive\": [\"r2\", 0], \"latent_image\": [\"r3\", 0], \"seed\": [\"r4\", 0]",
            node("r1", "Reroute", "\"\": [\"4\", 0]"),
            node("r2", "Reroute", "\"\": [\"6\", 0]"),
            node("r3", "Reroute", "\"\": [\"5\", 0]"),
            node("r4", "Reroute", "\"\": [\"r5\", 0]"),
            node("r5", "PrimitiveInt", "\"value\": 42"));
    assertUsual(recipe);
    assertThat(recipe.unmapped()).isEmpty();
  }

  @Test
  void wordsOfWeightedPromptsAreText() {
    Recipe recipe =
        with(
            ", \"positive\": [\"40\", 0], \"negative\": [\"40\", 0]",
            node(
                "40", "CLIPTextEncode", "\"clip\": [\"4\", 1], \"text\": \"a BRAND AND a BREAK\""));
    assertThat(request(recipe).prompts().list())
        .containsExactly(new Prompt("a BRAND and a break", "a BRAND and a break"));
    assertThat(recipe.unmapped()).isEmpty();
  }

  @Test
  void aGraphInAStringIsRead() {
    String graph =
        "{" + String.join(",", node("3", "KSampler", sampler("")), BASE, LATENTS, TEXTS) + "}";
    String quoted =
        com.fasterxml.jackson.databind.node.JsonNodeFactory.instance.textNode(graph).toString();
    assertUsual(Recipe.of(Map.of("prompt", quoted)).orElseThrow());
  }

  @Test
  void ofSeveralPassesTheFirstIsTaken() {
    Recipe recipe =
        graph(
            node(
                "90",
                "KSampler",
                sampler("").replace("42", "43").replace("1.0", "0.5").replace("\"5\"", "\"91\"")),
            node(
                "91",
                "LatentUpscale",
                "\"samples\": [\"3\", 0], \"width\": 512, \"height\": 512, \"upscale_method\": \"bilinear\""),
            node("3", "KSampler", sampler("")),
            BASE,
            LATENTS,
            TEXTS,
            SAVED.replace("\"3\"", "\"90\""));
    assertUsual(recipe);
    assertThat(recipe.unmapped())
        .hasSize(2)
        .anyMatch(what -> what.startsWith("KSampler, node 90: seed 43, steps 20"))
        .anyMatch(what -> what.startsWith("LatentUpscale, node 91: width 512"));
  }

  @Test
  void stagesOfAdvancedSamplersAreNamed() {
    String inputs =
        "\"add_noise\": \"enable\", \"noise_seed\": 42, \"steps\": 20, \"cfg\": 8, \"sampler_name\": \"euler\", \"scheduler\": \"normal\","
            + "\"start_at_step\": 0, \"end_at_step\": %s, \"return_with_leftover_noise\": \"%s\", \"model\": [\"4\", 0],"
            + "\"positive\": [\"6\", 0], \"negative\": [\"7\", 0], \"latent_image\": [\"5\", 0]";
    Recipe whole =
        graph(
            node("3", "KSamplerAdvanced", inputs.formatted("10000", "disable")),
            BASE,
            LATENTS,
            TEXTS,
            SAVED);
    assertUsual(whole);
    assertThat(whole.unmapped()).isEmpty();
    assertThat(
            graph(
                    node("3", "KSamplerAdvanced", inputs.formatted("15", "enable")),
                    BASE,
                    LATENTS,
                    TEXTS,
                    SAVED)
                .unmapped())
        .containsExactly(
            "KSamplerAdvanced, node 3: end_at_step 15, return_with_leftover_noise enable");
  }

  @Test
  void picturesToStartFromAreNamed() {
    Recipe recipe =
        with(
            ", \"latent_image\": [\"55\", 0], \"denoise\": 0.6",
            node("55", "VAEEncode", "\"pixels\": [\"56\", 0], \"vae\": [\"4\", 2]"),
            node("56", "LoadImage", "\"image\": \"photo.png\""));
    assertThat(recipe.unmapped())
        .containsExactly(
            "size: it does not come from empty latents",
            "KSampler, node 3: denoise 0.6",
            "VAEEncode, node 55",
            "LoadImage, node 56: image photo.png");
  }

  @Test
  void graphsOfStrangersEnd() {
    int many = 20_000;
    StringBuilder chain = new StringBuilder();
    StringBuilder doubling = new StringBuilder();
    StringBuilder passes = new StringBuilder();
    for (int i = 0; i < many; i++) {
      chain
          .append(",")
          .append(node("c" + i, "Pass", "\"conditioning\": [\"c" + (i + 1) + "\", 0]"));
      doubling
          .append(",")
          .append(
              node(
                  "d" + i,
                  "StringConcatenate",
                  "\"string_a\": [\"d"
                      + (i + 1)
                      + "\", 0], \"string_b\": [\"d"
                      + (i + 1)
                      + "\", 0]"));
      passes
          .append(",")
          .append(node("p" + i, "KSampler", "\"latent_image\": [\"p" + (i + 1) + "\", 0]"));
    }
    Assertions.assertTimeoutPreemptively(
        Duration.ofMinutes(1),
        () -> {
          assertThat(with(", \"positive\": [\"c0\", 0]", chain.substring(1)).isPromptUnread())
              .isTrue();
          assertThat(prompted("Reroute", "\"value\": [\"d0\", 0]").isPromptUnread()).isTrue();
          assertThat(
                  with(
                          ", \"positive\": [\"40\", 0]",
                          node(
                              "40",
                              "CLIPTextEncode",
                              "\"clip\": [\"4\", 1], \"text\": [\"d0\", 0]"),
                          doubling.substring(1))
                      .isPromptUnread())
              .isTrue();
          request(graph(passes.substring(1)));
          assertThat(
                  with(
                          ", \"positive\": [\"r\", 0], \"latent_image\": [\"3\", 0], \"model\": [\"s\", 0]",
                          node("r", "Reroute", "\"any\": [\"r\", 0]"),
                          node("s", "Reroute", "\"model\": [\"s\", 0]"))
                      .isPromptUnread())
              .isTrue();
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[1, 2",
        "[]",
        "3",
        "{}",
        "a cat",
        "{\"1\": {\"class_type\": \"Other\"}}",
        "{\"13\": {\"class_type\": \"KSamplerSelect\", \"inputs\": {\"sampler_name\": \"euler\"}}}",
        "{\"1\": {\"class_type\": 3}}",
        "{\"nodes\": [{\"id\": 1, \"type\": \"KSampler\"}], \"links\": []}"
      })
  void otherTextsTellNothing(String text) {
    assertThat(Recipe.of(Map.of("prompt", text))).isEmpty();
  }

  @Test
  void aDeepTextTellsNothing() {
    assertThat(Recipe.of(Map.of("prompt", "[".repeat(100_000)))).isEmpty();
    assertThat(Recipe.of(Map.of("prompt", "{\"1\":".repeat(100_000)))).isEmpty();
  }
}
