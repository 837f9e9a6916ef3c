package io.github.controlnet.core.engine.djl;

import io.github.controlnet.InvalidRequestException;
import io.github.controlnet.core.network.Arguments;
import io.github.controlnet.spi.engine.TextBatch;
import io.github.controlnet.spi.engine.TextEncoder;
import io.github.controlnet.spi.engine.TextEncoderSpec;
import io.github.controlnet.spi.engine.TextStates;
import io.github.controlnet.spi.engine.WeightSource;
import java.util.List;
import java.util.function.Consumer;

/** CLIP's text model in a script module. */
final class PyTorchTextEncoder extends ScriptComponent implements TextEncoder {
  private final TextEncoderSpec architecture;

  PyTorchTextEncoder(PyTorchEngine engine, TextEncoderSpec architecture, WeightSource weights) {
    super(
        engine,
        "The text encoder",
        weights,
        () -> TextScript.write(architecture, engine.runtime().writer()));
    this.architecture = architecture;
  }

  @Override
  public TextStates encode(int[][] tokens) {
    return encode(new TextBatch(tokens, 0, List.of()));
  }

  @Override
  public TextStates encode(TextBatch batch) {
    int[][] tokens = batch.tokens();
    long[] ids = check(tokens);
    if (batch.skippedLayers() < 0 || batch.skippedLayers() >= architecture.layers()) {
      throw new InvalidRequestException(
          "%d layers of the text encoder cannot be skipped; it has %d, and at least one stays."
              .formatted(batch.skippedLayers(), architecture.layers()));
    }
    int length = tokens[0].length;
    List<TextBatch.Replacement> replacements = batch.replacements();
    long[] places = new long[replacements.size()];
    float[] vectors = new float[places.length * architecture.width()];
    for (int i = 0; i < places.length; i++) {
      TextBatch.Replacement each = replacements.get(i);
      Inputs.checkLength("The vector of an embedding", each.vector(), architecture.width());
      places[i] = (long) each.text() * length + each.position();
      System.arraycopy(each.vector(), 0, vectors, i * architecture.width(), architecture.width());
    }
    return states(
        tokens.length,
        places.length == 0 ? "encode" : "encode_replaced",
        arguments -> {
          arguments.longs(ids, tokens.length, length).whole(batch.skippedLayers());
          if (places.length > 0) {
            arguments.longs(places, places.length);
            arguments.floats(vectors, places.length, architecture.width());
          }
        });
  }

  @Override
  public TextStates states(float[] values, int texts) {
    int width = architecture.width();
    if (texts < 1 || values.length == 0 || values.length % (texts * width) != 0) {
      throw new InvalidRequestException(
          "%d values are no states of %d texts; expected a multiple of %d for each."
              .formatted(values.length, texts, width));
    }
    return states(
        texts,
        "take",
        arguments -> arguments.floats(values, texts, values.length / (texts * width), width));
  }

  private TextStates states(int texts, String method, Consumer<Arguments> fill) {
    return with(
        module -> {
          try (Arguments arguments = module.arguments()) {
            fill.accept(arguments);
            return new PyTorchTextStates(
                texts,
                architecture.width(),
                new Tensors(engine, "The text states", List.of(module.tensor(method, arguments))));
          }
        });
  }

  private long[] check(int[][] tokens) {
    int length = tokens.length == 0 ? 0 : tokens[0].length;
    if (length < 1 || length > architecture.positions()) {
      throw new InvalidRequestException(
          "%d texts of %d tokens cannot be encoded; expected at least one text of 1 to %d tokens."
              .formatted(tokens.length, length, architecture.positions()));
    }
    long[] ids = new long[Math.multiplyExact(tokens.length, length)];
    int next = 0;
    for (int[] text : tokens) {
      if (text.length != length) {
        throw new InvalidRequestException(
            "Texts of %d and %d tokens cannot be encoded together; pad them to one length."
                .formatted(length, text.length));
      }
      for (int id : text) {
        if (id < 0 || id >= architecture.vocabulary()) {
          throw new InvalidRequestException(
              "Token id %d is outside the text encoder's vocabulary of %d; the tokenizer belongs to another model."
                  .formatted(id, architecture.vocabulary()));
        }
        ids[next++] = id;
      }
    }
    return ids;
  }
}
