package io.github.controlnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.sampler.TimestepSpacing;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PresetsTest {
  @Test
  void theirNumbersAreTheAuthors() {
    assertThat(Presets.names())
        .containsExactly(
            "lcm",
            "tcd",
            "hyper-1",
            "hyper-2",
            "hyper-4",
            "hyper-8",
            "lightning-2",
            "lightning-4",
            "lightning-8",
            "turbo");
    assertPreset(Presets.lcm(), "lcm", Optional.empty(), 4, 0);
    assertPreset(Presets.tcd(), "tcd", Optional.empty(), 4, 0.3);
    assertPreset(Presets.hyper(1), "tcd", Optional.empty(), 1, 1);
    assertPreset(Presets.hyper(8), "ddim", Optional.of(TimestepSpacing.TRAILING), 8, 0);
    assertPreset(Presets.lightning(2), "euler", Optional.of(TimestepSpacing.TRAILING), 2, 0);
    assertPreset(Presets.turbo(), "euler", Optional.of(TimestepSpacing.TRAILING), 1, 0);
    assertThat(Presets.hyper(4).wants())
        .contains("the LoRA ByteDance/Hyper-SD/Hyper-SD15-4steps-lora.safetensors")
        .contains("Hyper-SDXL-4steps-lora.safetensors (Stable Diffusion XL)");
    assertThat(Presets.turbo().wants()).contains("the base stabilityai/sd-turbo");
  }

  private static void assertPreset(
      Preset preset, String sampler, Optional<TimestepSpacing> spacing, int steps, double eta) {
    assertThat(preset.samplerName()).isEqualTo(sampler);
    assertThat(preset.timestepSpacing()).isEqualTo(spacing);
    assertThat(preset.steps()).isEqualTo(steps);
    assertThat(preset.guidanceScale()).isEqualTo(1);
    assertThat(preset.eta()).isEqualTo(eta);
    assertThat(preset.files()).isNotEmpty();
  }

  @Test
  void unknownOnesAreNamed() {
    assertThatThrownBy(() -> Presets.named("lcm-lora"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("There is no preset \"lcm-lora\"; expected one of %s.".formatted(names()));
    assertThatThrownBy(() -> Presets.hyper(3)).hasMessageContaining("\"hyper-3\"");
  }

  private static String names() {
    return String.join(", ", Presets.names());
  }

  @Test
  void tooMuchGuidanceIsWarnedOf() {
    Preset preset = new Preset("lcm", "none", Optional.empty(), 4, 1, 0, List.of());
    GenerationRequest.Builder request = GenerationRequest.builder().steps(4);
    assertThat(preset.warning(request.guidanceScale(2).build())).isEmpty();
    assertThat(preset.warning(request.guidanceScale(7.5).build()))
        .hasValueSatisfying(
            warning -> assertThat(warning).contains("7.5").contains("lcm").contains("at most 2"));
    assertThat(preset.warning(request.guidance(Guidance.of(ScaleSchedule.linear(1, 3))).build()))
        .isPresent();
  }
}
