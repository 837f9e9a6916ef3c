package io.github.controlnet.tck.gaussian;

import io.github.controlnet.engine.Autoencoder;
import io.github.controlnet.engine.ControlNetwork;
import io.github.controlnet.engine.Denoiser;
import io.github.controlnet.engine.Site;
import io.github.controlnet.engine.Site.Place;
import io.github.controlnet.engine.TextEncoder;
import io.github.controlnet.engine.TextEncoderSpec;
import io.github.controlnet.engine.TextEncoderSpec.Activation;
import io.github.controlnet.tck.EngineTck;
import io.github.controlnet.tck.gaussian.GaussianEngine.Probe;
import java.util.List;

class GaussianEngineTest extends EngineTck {
  private static final TextEncoderSpec TEXT =
      new TextEncoderSpec(100, 8, 3, 2, 1, 12, Activation.GELU, 1e-5);

  @Override
  protected Model open() {
    TextEncoder text = new GaussianTextEncoder(TEXT, Probe.NONE);
    Denoiser denoiser = new GaussianDenoiser(Probe.NONE);
    ControlNetwork control = new GaussianControl(Probe.NONE);
    Autoencoder autoencoder = new PixelAutoencoder(8, Probe.NONE);
    return new Model() {
      @Override
      public TextEncoder textEncoder() {
        return text;
      }

      @Override
      public Denoiser denoiser() {
        return denoiser;
      }

      @Override
      public ControlNetwork controlNetwork() {
        return control;
      }

      @Override
      public Autoencoder autoencoder() {
        return autoencoder;
      }

      @Override
      public TextEncoderSpec textEncoderSpec() {
        return TEXT;
      }

      @Override
      public List<Site> sites() {
        return List.of(new Site(Place.SKIP, 0, 0, 4), new Site(Place.MIDDLE, 0, 1, 4));
      }

      @Override
      public int factor() {
        return 8;
      }

      @Override
      public void close() {
        text.close();
        denoiser.close();
        control.close();
        autoencoder.close();
      }
    };
  }
}
