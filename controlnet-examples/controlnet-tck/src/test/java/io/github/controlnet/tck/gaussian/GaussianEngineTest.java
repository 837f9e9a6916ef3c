package io.github.controlnet.tck.gaussian;

import io.github.controlnet.spi.engine.Autoencoder;
import io.github.controlnet.spi.engine.ControlNetwork;
import io.github.controlnet.spi.engine.Denoiser;
import io.github.controlnet.spi.engine.TextEncoder;
import io.github.controlnet.tck.EngineTck;
import io.github.controlnet.tck.gaussian.GaussianEngine.Probe;

class GaussianEngineTest extends EngineTck {

  @Override
  protected Model open() {
    TextEncoder text = new GaussianTextEncoder(Probe.NONE);
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
      public int vocabulary() {
        return 100;
      }

      @Override
      public int residuals() {
        return 13;
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
