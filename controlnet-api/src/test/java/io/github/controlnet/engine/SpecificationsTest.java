package io.github.controlnet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.engine.LatentFormat.Colour;
import io.github.controlnet.engine.LatentFormat.Preview;
import io.github.controlnet.engine.Site.Place;
import io.github.controlnet.engine.UNetSpec.Level;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpecificationsTest {
  private static UNetSpec unet(int residualBlocks, int middleDepth, Level... levels) {
    return new UNetSpec(
        4, 4, List.of(levels), residualBlocks, middleDepth, 8, 768, 1280, 32, 1e-5, false);
  }

  @Test
  void sitesOfStableDiffusion1() {
    UNetSpec unet =
        unet(
            2,
            1,
            new Level(320, 1, 8),
            new Level(640, 1, 8),
            new Level(1280, 1, 8),
            new Level(1280, 0, 8));
    List<Site> sites = unet.sites();
    assertThat(sites).hasSize(13);
    assertThat(sites)
        .extracting(Site::level)
        .containsExactly(0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3);
    assertThat(sites)
        .extracting(Site::channels)
        .containsExactly(320, 320, 320, 320, 640, 640, 640, 1280, 1280, 1280, 1280, 1280, 1280);
    assertThat(sites.subList(0, 12)).allMatch(site -> site.place() == Place.SKIP);
    assertThat(sites.subList(0, 12))
        .extracting(Site::index)
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    assertThat(sites.get(12)).isEqualTo(new Site(Place.MIDDLE, 0, 3, 1280));
    ControlSpec control = new ControlNetSpec(unet, 3, List.of(16, 16, 32, 32, 96, 96, 256), false);
    assertThat(control.sites()).isEqualTo(sites);
  }

  @Test
  void sitesOfOtherDepths() {
    UNetSpec unet = unet(1, 0, new Level(8, 0, 1), new Level(16, 2, 2), new Level(24, 10, 4));
    assertThat(unet.sites())
        .containsExactly(
            new Site(Place.SKIP, 0, 0, 8),
            new Site(Place.SKIP, 1, 0, 8),
            new Site(Place.SKIP, 2, 1, 8),
            new Site(Place.SKIP, 3, 1, 16),
            new Site(Place.SKIP, 4, 2, 16),
            new Site(Place.SKIP, 5, 2, 24),
            new Site(Place.MIDDLE, 0, 2, 24));
    assertThat(unet.perturbable()).isFalse();
    assertThat(unet(1, 1, new Level(8, 1, 1)).perturbable()).isTrue();
  }

  @Test
  void sidesAreHalvedAndRoundedUp() {
    assertThat(new Site(Place.SKIP, 0, 0, 4).side(9)).isEqualTo(9);
    assertThat(new Site(Place.SKIP, 0, 1, 4).side(9)).isEqualTo(5);
    assertThat(new Site(Place.SKIP, 0, 3, 4).side(9)).isEqualTo(2);
    assertThat(new Site(Place.SKIP, 0, 5, 4).side(9)).isEqualTo(1);
  }

  @Test
  void latentsAreShiftedThenScaledAndBack() {
    LatentFormat format = new LatentFormat(16, 8, 0.5, 0.25, Preview.GREY);
    float[] latents = {0, 1.25f, -2};
    assertThat(format.toDenoiser(latents)).containsExactly(-0.125f, 0.5f, -1.125f);
    assertThat(format.toAutoencoder(format.toDenoiser(latents))).containsExactly(latents);
    assertThat(latents).as("not changed").containsExactly(0, 1.25f, -2);
  }

  @Test
  void withoutShiftLatentsAreMultipliedInSinglePrecision() {
    LatentFormat format = new LatentFormat(4, 8, 0.18215, 0, Preview.GREY);
    float[] latents = {0.7f, -3.3f};
    assertThat(format.toDenoiser(latents))
        .containsExactly(0.7f * (float) 0.18215, -3.3f * (float) 0.18215);
    assertThat(format.toAutoencoder(latents))
        .containsExactly(0.7f * (float) (1 / 0.18215), -3.3f * (float) (1 / 0.18215));
  }

  @Test
  void formatsThatCannotBeAreNamed() {
    refuses(() -> new LatentFormat(0, 8, 1, 0, Preview.GREY), "0 channels");
    refuses(() -> new LatentFormat(4, 0, 1, 0, Preview.GREY), "factor 0");
    refuses(() -> new LatentFormat(4, 8, 0, 0, Preview.GREY), "scale 0.0");
    refuses(() -> new LatentFormat(4, 8, Double.NaN, 0, Preview.GREY), "scale NaN");
    refuses(
        () -> new LatentFormat(4, 8, 1, Double.POSITIVE_INFINITY, Preview.GREY), "shift Infinity");
    Preview three =
        new Preview(List.of(new Colour(1, 0, 0), new Colour(0, 1, 0), new Colour(0, 0, 1)));
    refuses(() -> new LatentFormat(4, 8, 1, 0, three), "3 channels of 4");
    refuses(
        () ->
            new KlAutoencoderSpec(
                3, new LatentFormat(4, 8, 1, 0, Preview.GREY), List.of(8, 8), 2, 8, true),
        "2 levels has the factor 2");
  }

  private static void refuses(Runnable making, String message) {
    assertThatThrownBy(making::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
