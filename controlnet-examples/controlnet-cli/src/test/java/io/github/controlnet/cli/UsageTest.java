package io.github.controlnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.controlnet.cli.CommandRunner.Run;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {

  /** A command line, and what the complaint must say. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "generate --steps 0 | The number of steps is 0; expected 1 to 1000",
        "generate --steps 1001 | expected 1 to 1000",
        "generate --steps many | --steps",
        "generate --width 500 | --width is 500; expected a multiple of 8, such as 496 or 504",
        "generate --height 0 | The height is 0",
        "generate --height -8 | The height is -8",
        "generate --image-resolution 8 | image resolution is 8",
        "generate --images 0 | The number of images is 0",
        "generate --repeat 0 | --repeat is 0",
        "generate --threads 0 | The number of threads is 0",
        "generate --control-scale NaN | The control scale is NaN",
        "generate --control-scale Infinity | The control scale is Infinity",
        "generate --control-scale strong | --control-scale",
        "generate --guidance-scale NaN | The guidance scale is NaN",
        "generate --guidance-rescale 2 | The guidance rescale is 2.0; expected 0.0 to 1.0",
        "generate --guidance-start 0.8 --guidance-end 0.2 | start 0.8 is after the guidance end 0.2",
        "generate --guidance-schedule 9..x | \"9..x\" is not as expected: FROM..TO",
        "generate --guidance-scale 3 --guidance-schedule 9..3 | are both given",
        "generate --pag-scale NaN | The scale of perturbed-attention guidance is NaN",
        "generate --control-mode strong | is not one of: balanced, prompt, control, resolution",
        "generate --control-weights 1,heavy | \"1,heavy\" is not as expected: numbers",
        "generate --control-weights 1,NaN | A layer weight is NaN",
        "generate --control-schedule 1..0..1 | \"1..0..1\" is not as expected",
        "generate --control-scale 1 --control-schedule 1..0 | are both given",
        "generate --control-inpaint-mask m | its annotator is canny; say --annotator none",
        "generate --base b --control-mask m | there is no control image",
        "generate --eta 2 | Eta is 2.0",
        "generate --eta NaN | Eta is NaN",
        "generate --control-start 0.8 --control-end 0.2 | start 0.8 is after the control end 0.2",
        "generate --control-end 1.5 | The control end is 1.5",
        "generate --seed x | --seed",
        "generate --seed -2 | The seed is -2",
        "generate --seed 1,2,3 --images 2 | There are 3 seeds for 2 images",
        "generate --sampler nothing | no sampler named \"nothing\"; available: another, ddim",
        "generate --sampler all --repeat 2 | draws one sheet of many runs; leave --repeat out",
        "generate --sampler all --save-latents f | leave --save-latents out",
        "generate --sampler all --seed 1,2 | one picture with each sampler",
        "generate --ip-adapter some.safetensors | --ip-adapter is not supported yet",
        "generate --ip-adapter=some.safetensors | --ip-adapter is not supported yet",
        "generate --lora some.safetensors:1e39 | LoRA's scale for the U-Net is 1.0E39",
        "generate --prompt a<lora:detail:0.8> | asks for <lora:detail:0.8>, and there is no folder of LoRAs",
        "generate --negative-prompt <LYCO:a:1> | The negative prompt asks for <LYCO:a:1>",
        "generate --annotator nothing | no annotator named \"nothing\"; available: canny",
        "generate --annotator-option low | expected name=value",
        "generate --annotator-option low=300 | expected a whole number from 0 to 255",
        "generate --annotator-option lower=3 | has no option \"lower\"; it has: low, high",
        "generate --annotator-option 2.low=3 | is for control 2, but there is 1 control",
        "generate --annotator none --annotator-option low=3 | no annotator is in use",
        "generate --detect-resolution 3 | The detect resolution is 3",
        "generate --dtype float8 | \"float8\" is not one of: float32, bfloat16, float16, auto",
        "generate --offload layers | \"layers\" is not one of: none, model, sequential",
        "generate --device my gpu | Unmatched argument",
        "generate --device 7 | \"7\" is not a device",
        "generate --resize-mode squeeze | \"squeeze\" is not one of: stretch, crop, fill",
        "generate --resize-mode crop,fill | --resize-mode is given 2 times for 1 control",
        "generate --detect-resolution 64,128 | --detect-resolution is given 2 times for 1 control",
        "generate --base b --resize-mode crop | there is no control image",
        "generate --guess-weights own | \"own\" is not one of: original, diffusers",
        "generate --base b --control c | There are no control images for 1 control",
        "generate --control c | There are no control images for 1 control",
        "generate --base b --control c --control d --control-image i | 1 control image for 2",
        "generate --base b --control c --control-image i --control-image j | 2 control images for 1",
        "generate --control-image i --control-image j | 2 control images for 1 control",
        "generate --base b --control-scale 0.5 | there is no control image",
        "generate --base b --control c --control-image i --control-scale 1,2 | given 2 times for 1",
        "generate --control-config f | --control-config needs a --control",
        "generate --base-config f | --base-config needs a --base",
        "generate --prompt a --prompt b | should be specified only once",
        "generate leftover | Unmatched argument",
        "bench --steps 0 | The number of steps is 0",
        "bench --width 500 | --width is 500",
        "bench --warm-up -1 | --warm-up is -1",
        "annotate | Expected NAME IN OUT",
        "annotate canny a.png | Expected NAME IN OUT",
        "annotate nothing a b | no annotator named \"nothing\"; available: canny",
        "annotate canny a b --threads 0 | The number of threads is 0; expected 1 to 1024",
        "annotate canny a b --device 7 | \"7\" is not a device",
        "annotate canny a b --option low=-1 | expected a whole number from 0 to 255",
        "annotate canny a b --option low | expected name=value",
        "annotate canny a b --model m | needs no weights",
        "annotate canny a b --resolution 0 | --resolution is 0",
        "tokenize | Missing required parameter: 'TEXT'",
        "tokenize two words | Unmatched argument",
        "download | Missing required parameter: 'ID'",
        "download name | \"name\" is no id of a hub; expected org/name",
        "download a/b --file ../c | \"../c\" is no file of a repository",
        "download a/b --revision a..b | \"a..b\" is no revision",
        "inspect | Missing required parameter: 'PATH'",
        "add-control --base b | Missing required parameter: 'OUT'",
        "add-control out | Missing required option: '--base=PATH or ID'",
        "add-control --base b out --hint-channels 16,0 | A hint width is 0; expected 1 to 4096",
        "add-control --base b out --hint-channels 16,x | --hint-channels",
        "add-control --base b out --layout mine | \"mine\" is not one of: original, diffusers",
        "add-control --base b out --seed x | --seed",
        "transfer-control --control c --base b out | Missing required option: '--from-base",
        "generate --mask m.png | --mask needs --init-image",
        "generate --strength 0.5 | --strength needs --init-image",
        "generate --init-image i.png --mask-blur 4 | --mask-blur needs --mask",
        "generate --init-image i.png --only-masked | --only-masked needs --mask",
        "generate --init-image i.png --inpaint-fill noise | --inpaint-fill needs --mask",
        "generate --init-image i.png --mask m.png --inpaint-fill 2 | \"2\" is not one of: original, fill, noise, nothing",
        "generate --init-image i.png --mask m.png --padding 8 | --padding needs --only-masked",
        "generate --init-image i.png --strength 0 | The denoising strength is 0.0; expected more than 0",
        "generate --init-image i.png --strength 1.1 | The denoising strength is 1.1",
        "generate --init-image i.png --strength NaN | The denoising strength is NaN",
        "generate --init-image i.png --mask m.png --mask-blur -1 | The mask blur is -1.0",
        "generate --prompt-syntax plain | \"plain\" is not one of: literal, weighted",
        "generate --timestep-spacing even | \"even\" is not one of: leading, linspace, trailing",
        "generate --prediction-type v | \"v\" is not one of: epsilon, v_prediction, sample",
        "generate --clip-skip 0 | Clip skip is 0; expected 1",
        "generates | Unmatched argument",
      })
  void wrongUsageSaysWhatIsWrong(String text) {
    int bar = text.indexOf(" | ");
    Run run = CommandRunner.runWithFakes(text.substring(0, bar).split(" ", -1));
    assertThat(run.code()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).contains(text.substring(bar + 3)).contains("--help");
    assertThat(run.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--ip-adapter", "--no-such-option"})
  void optionsThatAreNotBuiltAreRefusedAndAbsent(String option) {
    Run run = CommandRunner.runWithFakes("generate", option, "1");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains(option);
    assertThat(CommandRunner.runWithFakes("generate", "--help").out()).doesNotContain(option);
  }

  @Test
  void withoutACommandItNamesThem() {
    Run run = CommandRunner.runWithFakes();
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("generate", "annotate", "tokenize", "inspect", "bench");
  }

  @Test
  void helpTellsEveryOptionAndItsDefault() {
    Run run = CommandRunner.runWithFakes("generate", "--help");
    assertThat(run.code()).isZero();
    assertThat(run.err()).isEmpty();
    String words = run.out().replaceAll("\\s+", " ");
    assertThat(words)
        .contains(
            List.of(
                "--base=",
                "--control=",
                "--control-image=",
                "--annotator=",
                "--annotator-option=",
                "--control-scale=",
                "--control-start=",
                "--control-end=",
                "--control-mode=",
                "--control-weights=",
                "--control-schedule=",
                "--control-mask=",
                "--control-inpaint-mask=",
                "--guidance-schedule=",
                "--guidance-rescale=",
                "--guidance-start=",
                "--guidance-end=",
                "--pag-scale=",
                "--init-image=",
                "--strength",
                "--mask=",
                "--mask-blur=",
                "--only-masked",
                "--inpaint-fill",
                "--padding=",
                "--prompt-syntax=",
                "--clip-skip=",
                "--embedding=",
                "--prompt-embeddings=",
                "--timestep-spacing=",
                "--prediction-type=",
                "--zero-terminal-snr",
                "--only-mid-control",
                "--resize-mode=",
                "--guess-mode",
                "--guess-weights=",
                "--prompt=",
                "--added-prompt=",
                "--negative-prompt=",
                "--width=",
                "--height=",
                "--image-resolution=",
                "--detect-resolution=",
                "--images=",
                "--steps=",
                "--guidance-scale=",
                "--seed=",
                "--eta=",
                "--sampler=",
                "--list-samplers",
                "--vae=",
                "--text-encoder=",
                "--tokenizer=",
                "--base-config=",
                "--control-config=",
                "--dtype=",
                "--offload=",
                "--device=",
                "--threads=",
                "--output=",
                "--save-latents=",
                "--repeat=",
                "--json",
                "--verbose",
                "Denoising steps. Default: 20.",
                "Default: 9.0.",
                "Default: ddim.",
                "Default: float32.",
                "Default: out."))
        .doesNotContain("${", "[]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"annotate", "bench", "download", "inspect", "serve", "tokenize"})
  void everyCommandHasHelp(String command) {
    Run run = CommandRunner.runWithFakes(command, "--help");
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("Usage: controlnet " + command);
  }

  @Test
  void versionIsThatOfTheBuild() {
    Run run = CommandRunner.runWithFakes("--version");
    assertThat(run.code()).isZero();
    assertThat(run.out()).containsPattern("ControlNet for Java \\d+\\.\\d+");
  }

  @Test
  void samplersAreListed() {
    assertThat(CommandRunner.runWithFakes("generate", "--list-samplers").outLines())
        .containsExactly("another", "ddim");
  }
}
