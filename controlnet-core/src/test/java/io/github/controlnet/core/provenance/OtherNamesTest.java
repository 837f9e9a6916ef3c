package io.github.controlnet.core.provenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.ControlMode;
import io.github.controlnet.core.request.SamplerNames;
import io.github.controlnet.exception.ProviderNotFoundException;
import io.github.controlnet.image.ResizeMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The names that other programs have for samplers and modes. */
class OtherNamesTest {
  @ParameterizedTest
  @CsvSource({
    "dpmpp_2m_karras, dpmpp_2m_karras",
    "DPM++ 2M Karras, dpmpp_2m_karras",
    "dpm++ 2m karras, dpmpp_2m_karras",
    "Euler a, euler_ancestral",
    "' Euler A ', euler_ancestral",
    "DPM++ 2M SDE Exponential, dpmpp_2m_sde_exponential",
    "DPM2 a Karras, dpm2_ancestral_karras",
    "PLMS, pndm",
    "UniPC, unipc",
    "uni_pc_bh2, unipc",
    "dpm_2_ancestral, dpm2_ancestral",
    "DDIM, ddim"
  })
  void samplersAreFoundByAnyName(String name, String own) {
    assertThat(SamplerNames.sampler(name).name()).isEqualTo(own);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Euler b", "DPM++", "Karras", "dpmpp_2m_"})
  void othersAreNotFound(String name) {
    assertThatThrownBy(() -> SamplerNames.sampler(name))
        .isInstanceOf(ProviderNotFoundException.class)
        .hasMessageContaining("named \"" + name + "\"")
        .hasMessageContaining("ddim");
  }

  @Test
  void modesAreReadInAnyCase() {
    assertThat(WebUiWords.resizeMode("Crop and Resize")).hasValue(ResizeMode.CROP);
    assertThat(WebUiWords.resizeMode("JUST RESIZE")).hasValue(ResizeMode.STRETCH);
    assertThat(WebUiWords.resizeMode("Outer Fit (Shrink to Fit)")).hasValue(ResizeMode.FILL);
    assertThat(WebUiWords.resizeMode("Envelope (Outer Fit)")).hasValue(ResizeMode.FILL);
    assertThat(WebUiWords.resizeMode("Scale to Fit (Inner Fit)")).hasValue(ResizeMode.CROP);
    assertThat(WebUiWords.resizeMode("resize")).isEmpty();
    assertThat(WebUiWords.controlMode("My prompt is more important")).hasValue(ControlMode.PROMPT);
    assertThat(WebUiWords.controlMode(" controlnet is more important "))
        .hasValue(ControlMode.CONTROL);
    assertThat(WebUiWords.controlMode("Balanced")).hasValue(ControlMode.BALANCED);
    assertThat(WebUiWords.controlMode("important")).isEmpty();
  }
}
