package io.github.controlnet.core.torch.engine;

import io.github.controlnet.core.weights.BaseWeights;
import io.github.controlnet.core.weights.ControlWeights;
import io.github.controlnet.engine.Autoencoder;
import io.github.controlnet.engine.ControlNetSpec;
import io.github.controlnet.engine.ControlNetwork;
import io.github.controlnet.engine.Denoiser;
import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.Engine;
import io.github.controlnet.engine.EngineOptions;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.engine.Site;
import io.github.controlnet.engine.TextEncoder;
import io.github.controlnet.engine.TextEncoderSpec;
import io.github.controlnet.tck.EngineTck;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The tiny model of the fixtures on a fresh engine. */
public final class TinyModel implements EngineTck.Model {
  private final BaseWeights base = BaseWeights.open(fixture("tiny"), Optional.empty());
  private final ControlWeights first = controlWeights("tiny-control");
  private final ControlWeights second = controlWeights("tiny-control-b");
  private final Engine engine;
  private final TextEncoder textEncoder;
  private final Denoiser denoiser;
  private final ControlNetwork controlNetwork;
  private final ControlNetwork otherControl;
  private final ControlNetwork pooledControl;
  private final Autoencoder autoencoder;

  TinyModel() {
    this(Precision.FLOAT32);
  }

  TinyModel(Precision precision) {
    // one thread: operations this small only wait for each other on a busy machine
    engine = new PyTorchEngineProvider().open(new EngineOptions(Device.CPU, precision, 1));
    textEncoder = engine.textEncoder(base.textEncoder(), base.textEncoderWeights());
    denoiser = engine.denoiser(base.unet(), base.unetWeights());
    controlNetwork = engine.controlNetwork(first.architecture(), first.weights());
    otherControl = engine.controlNetwork(second.architecture(), second.weights());
    ControlNetSpec sizes = first.architecture();
    pooledControl =
        engine.controlNetwork(
            new ControlNetSpec(sizes.trunk(), sizes.hintChannels(), sizes.hintWidths(), true),
            first.weights());
    autoencoder = engine.autoencoder(base.autoencoder(), base.autoencoderWeights());
  }

  public static Path fixture(String name) {
    URL url = TinyModel.class.getResource("/fixtures/" + name);
    try {
      return Path.of(Objects.requireNonNull(url, name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(name, e);
    }
  }

  private static ControlWeights controlWeights(String name) {
    return ControlWeights.open(fixture(name), Optional.empty());
  }

  TinyModel loaded() {
    textEncoder.load();
    denoiser.load();
    controlNetwork.load();
    otherControl.load();
    pooledControl.load();
    autoencoder.load();
    return this;
  }

  BaseWeights base() {
    return base;
  }

  Engine engine() {
    return engine;
  }

  @Override
  public TextEncoder textEncoder() {
    return textEncoder;
  }

  @Override
  public Denoiser denoiser() {
    return denoiser;
  }

  @Override
  public ControlNetwork controlNetwork() {
    return controlNetwork;
  }

  ControlNetwork otherControl() {
    return otherControl;
  }

  /** The first control's weights with global pooling. */
  ControlNetwork pooledControl() {
    return pooledControl;
  }

  @Override
  public Autoencoder autoencoder() {
    return autoencoder;
  }

  @Override
  public TextEncoderSpec textEncoderSpec() {
    return base.textEncoder();
  }

  @Override
  public List<Site> sites() {
    return first.architecture().sites();
  }

  @Override
  public int factor() {
    return base.autoencoder().factor();
  }

  @Override
  public void close() {
    textEncoder.close();
    denoiser.close();
    controlNetwork.close();
    otherControl.close();
    pooledControl.close();
    autoencoder.close();
    engine.close();
    first.close();
    second.close();
    base.close();
  }
}
