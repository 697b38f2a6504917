"""Sound for the demonstration's voicemail: a valid WAV of a soft tone, made here so that no file is shipped."""

import io
import math
import struct
import wave

RATE = 8000  # what a telephone carries
_TONE_HZ = 330


def tone(seconds: float) -> bytes:
    """Mono, 16 bit, 8 kHz. At least one sample, so that every player accepts it."""
    frames = max(1, round(seconds * RATE))
    period = [round(6000 * math.sin(2 * math.pi * _TONE_HZ * n / RATE)) for n in range(RATE)]
    second = struct.pack(f"<{RATE}h", *period)
    sound = io.BytesIO()
    with wave.open(sound, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes((second * (frames // RATE + 1))[: frames * 2])
    return sound.getvalue()
