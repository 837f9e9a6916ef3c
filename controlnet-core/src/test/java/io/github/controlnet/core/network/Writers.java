package io.github.controlnet.core.network;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Every kind of writer that a runtime may choose, for tests of what they write. */
public final class Writers {
  private static final String DEVICE = "cpu";

  private Writers() {}

  /** The writers by a name. */
  public static Map<String, Supplier<ScriptWriter>> all() {
    Map<String, Supplier<ScriptWriter>> all = new LinkedHashMap<>();
    all.put("plain-f32", () -> new ScriptWriter(NumberType.FLOAT32, DEVICE));
    all.put("plain-bf16", () -> new ScriptWriter(NumberType.BFLOAT16, DEVICE));
    all.put("plain-f16-cuda", () -> new ScriptWriter(NumberType.FLOAT16, "cuda:0"));
    all.put("packed-f32", () -> new PackedWriter(NumberType.FLOAT32, DEVICE, false));
    all.put("packed-bf16", () -> new PackedWriter(NumberType.BFLOAT16, DEVICE, false));
    all.put("packed-bf16-tiles", () -> new PackedWriter(NumberType.BFLOAT16, DEVICE, true));
    all.put("divided-f32", () -> new ScriptWriter(NumberType.FLOAT32, DEVICE).divided());
    all.put(
        "divided-packed-bf16",
        () -> new PackedWriter(NumberType.BFLOAT16, DEVICE, false).divided());
    return all;
  }
}
