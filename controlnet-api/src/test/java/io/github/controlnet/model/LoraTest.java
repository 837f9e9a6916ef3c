package io.github.controlnet.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The value. */
class LoraTest {
  private static final Lora INK = Lora.of(Path.of("ink.safetensors"));

  @Test
  void scalesAreValues() {
    assertThat(INK.withScale(0.8)).isEqualTo(INK.withScales(0.8, 0.8)).isNotEqualTo(INK);
    assertThat(INK.withScale(0.8)).hasSameHashCodeAs(INK.withScales(0.8, 0.8));
    assertThat(INK.withScales(-2, 0).unetScale()).isEqualTo(-2);
    assertThat(INK.withScales(-2, 0).textScale()).isZero();
    assertThat(INK.withScale(0.8)).hasToString("ink.safetensors:0.8");
    assertThat(INK.withScales(0.8, 1)).hasToString("ink.safetensors:0.8:1.0");
    assertThat(INK.ignoringUnknownKeys().withScale(1)).isNotEqualTo(INK);
    assertThat(INK.ignoringUnknownKeys().withScale(2).ignoresUnknownKeys()).isTrue();
  }

  @Test
  void hubReferencesHaveNoPath() {
    Lora hub = Lora.hub("latent-consistency/lcm-lora-sdv1-5");
    assertThat(hub.hubReference()).contains(HubReference.of("latent-consistency/lcm-lora-sdv1-5"));
    assertThatThrownBy(hub::path)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("hub");
    assertThat(INK.path()).isEqualTo(Path.of("ink.safetensors"));
  }

  @Test
  void numbersThatFloatsDoNotHoldAreRefused() {
    for (double scale : new double[] {Double.NaN, Double.POSITIVE_INFINITY, 1e39}) {
      assertThatThrownBy(() -> INK.withScales(1, scale))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("text encoder");
    }
  }
}
