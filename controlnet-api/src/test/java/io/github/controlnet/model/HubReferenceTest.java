package io.github.controlnet.model;

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
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected");
  }

  @Test
  void publishedFilesHaveShortNames() {
    assertThat(HubReference.of("control_v11p_sd15_canny"))
        .isEqualTo(HubReference.of("lllyasviel/ControlNet-v1-1/control_v11p_sd15_canny.pth"));
    assertThat(HubReference.of("control_sd15_hed@abc").toString())
        .isEqualTo("lllyasviel/ControlNet/models/control_sd15_hed.pth@abc");
    assertThat(HubReference.of("ControlNetHED").file()).contains("ControlNetHED.pth");
    assertThat(PublishedModels.names()).hasSizeGreaterThan(40).contains("stable-diffusion-v1-5");
    PublishedModels.names()
        .forEach(name -> assertThat(PublishedModels.find(name)).as(name).isPresent());
  }
}
