package io.github.controlnet.core.request;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.github.controlnet.core.json.JsonFields;
import io.github.controlnet.core.json.JsonValue;
import io.github.controlnet.model.Lora;
import java.util.ArrayList;
import java.util.List;

/**
 * The LoRAs of a request: a list of objects with {@code name}, the scales {@code unet} and {@code
 * text}, and {@code ignoreUnknown}.
 */
final class LoraCodec {
  private LoraCodec() {}

  static List<Lora> read(JsonValue list, RequestSource source) {
    List<Lora> loras = new ArrayList<>();
    for (JsonValue item : list.items()) {
      JsonFields fields =
          item.object().orElseThrow(() -> item.refused("an object with name, unet and text"));
      JsonValue name = fields.get("name");
      JsonValue unet = fields.get("unet");
      JsonValue text = fields.get("text");
      String called =
          name.text()
              .filter(each -> !each.isEmpty())
              .orElseThrow(() -> name.refused("the name of a LoRA"));
      Lora found = name.within(() -> source.lora(called));
      Lora scaled = unet.within(() -> found.withScales(unet.number().orElse(1.0), 1));
      Lora lora =
          text.within(() -> scaled.withScales(scaled.unetScale(), text.number().orElse(1.0)));
      boolean rest = fields.get("ignoreUnknown").flag().orElse(false);
      loras.add(rest ? lora.ignoringUnknownKeys() : lora);
    }
    return loras;
  }

  static void write(List<Lora> loras, ArrayNode list) {
    for (Lora lora : loras) {
      list.addObject()
          .put("name", name(lora))
          .put("unet", lora.unetScale())
          .put("text", lora.textScale())
          .put("ignoreUnknown", lora.ignoresUnknownKeys());
    }
  }

  /** Its id on the hub, or its file's name, without folders of this machine. */
  private static String name(Lora lora) {
    return lora.hubReference()
        .map(Object::toString)
        .orElseGet(() -> String.valueOf(lora.path().getFileName()));
  }
}
