package io.github.controlnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubReferenceTest {

  @Test
  void anIdNamesRepositoryFileAndRevision() {
    HubReference whole = HubReference.of("lllyasviel/sd-controlnet-canny");
    assertThat(whole.repository()).isEqualTo("lllyasviel/sd-controlnet-canny");
    assertThat(whole.file()).isEmpty();
    assertThat(whole.revision()).isEqualTo("main");
    HubReference file = HubReference.of("org/name/folder/model.safetensors@v1.0");
    assertThat(file.file()).contains("folder/model.safetensors");
    assertThat(file.revision()).isEqualTo("v1.0");
    assertThat(HubReference.of(file.toString())).isEqualTo(file);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "name",
        "/name",
        "org/",
        "../name",
        "org/..",
        "org/na me",
        "org/name/",
        "org/name/../x",
        "org/name/a//b",
        "org/name/a\\b",
        "org/name@",
        "org/name@../x",
        "org/name@/x",
        "org--x/name"
      })
  void whatIsNoIdIsRefused(String id) {
    assertThatThrownBy(() -> HubReference.of(id))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("expected");
  }
}
