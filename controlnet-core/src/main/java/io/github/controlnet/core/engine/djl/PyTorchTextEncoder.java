package io.github.controlnet.core.engine.djl;

import io.github.controlnet.InvalidRequestException;
import io.github.controlnet.core.network.Arguments;
import io.github.controlnet.spi.engine.TextEncoder;
import io.github.controlnet.spi.engine.TextEncoderArchitecture;
import io.github.controlnet.spi.engine.TextStates;
import io.github.controlnet.spi.engine.WeightSource;
import java.util.List;

/** CLIP's text model in a script module. */
final class PyTorchTextEncoder extends ScriptComponent implements TextEncoder {
  private final TextEncoderArchitecture architecture;

  PyTorchTextEncoder(
      PyTorchEngine engine, TextEncoderArchitecture architecture, WeightSource weights) {
    super(
        engine,
        "The text encoder",
        weights,
        () -> TextScript.write(architecture, engine.numberType(), engine.deviceName()));
    this.architecture = architecture;
  }

  @Override
  public TextStates encode(int[][] tokens) {
    long[] ids = check(tokens);
    return with(
        module -> {
          try (Arguments arguments = module.arguments()) {
            arguments.longs(ids, tokens.length, tokens[0].length);
            return new PyTorchTextStates(
                tokens.length,
                architecture.width(),
                new Tensors(
                    engine, "The text states", List.of(module.tensor("encode", arguments))));
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
